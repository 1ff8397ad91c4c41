/* Keeps a device busy: busy BYTES MILLISECONDS takes so many bytes of it, fills them again and again, so long after each other, and says
   `busy` when it has begun. Ends when its standard input does. */
#include "driver.h"

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    size_t len = strtoull(argv[1], NULL, 10);
    int pause = atoi(argv[2]);
    uint64_t place;
    begin();
    OK(cuMemAlloc_v2, &place, len);
    for (unsigned round = 0;; round = round == 999 ? 1 : round + 1) {
        unsigned char value = round, first = value + 1;
        OK(cuMemsetD8_v2, place, value, len);
        OK(cuStreamSynchronize, (void *)0);
        OK(cuMemcpyDtoH_v2, &first, place + len - 1, (size_t)1);
        if (first != value) {
            printf("other data came back\n");
            return 1;
        }
        if (round == 0) {
            printf("busy\n");
            fflush(stdout);
        }
        struct pollfd input = {0, POLLIN, 0};
        if (poll(&input, 1, pause) != 0) return 0;
    }
}
