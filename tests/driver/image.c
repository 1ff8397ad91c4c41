/* Loads PTX: image FILE NUMBER [link] runs its kernel `fill`, which writes NUMBER plus its thread's index, and checks what it wrote; with
   `link` the PTX goes through the linker first. */
#include "driver.h"

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    FILE *file = fopen(argv[1], "rb");
    if (!file) return 2;
    fseek(file, 0, SEEK_END);
    size_t len = ftell(file);
    rewind(file);
    char *text = malloc(len + 1);
    if (fread(text, 1, len, file) != len) return 2;
    text[len] = 0;

    int number = atoi(argv[2]), out[32];
    void *module, *function, *link, *image = text;
    uint64_t memory;
    begin();
    if (argc > 3) {
        size_t linked;
        OK(cuLinkCreate_v2, 0, NULL, NULL, &link);
        OK(cuLinkAddData_v2, link, 1, text, len + 1, "image", 0, NULL, NULL);
        OK(cuLinkComplete, link, &image, &linked);
    }
    OK(cuModuleLoadData, &module, image);
    OK(cuModuleGetFunction, &function, module, "fill");
    OK(cuMemAlloc_v2, &memory, sizeof out);
    void *parameters[] = {&memory};
    OK(cuLaunchKernel, function, 1, 1, 1, 32, 1, 1, 0, NULL, parameters, NULL);
    OK(cuMemcpyDtoH_v2, out, memory, sizeof out);
    for (int i = 0; i < 32; i++) {
        if (out[i] != number + i) {
            printf("thread %d wrote %d\n", i, out[i]);
            return 1;
        }
    }
    printf("filled\n");
    return 0;
}
