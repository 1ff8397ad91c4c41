// part-of: rdc
// The other file of rdc.cu.
__device__ int shared_state[4] = {10, 20, 30, 40};
__device__ __noinline__ int other(int v) { return v * v - 7; }
