//! Measures a tiled single-precision matrix product, as nvcc compiles it, in GFLOP/s a core.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Instant;

use pillion_cpu_device::engine::{
    AddressSpace, CompileOptions, Engine, LaunchConfig, LaunchEnv, Module, Program, launch,
};

/// PTX of the textbook kernel with 16x16 tiles: 512 multiply-adds a thread and tile row, unrolled as nvcc -O3 does.
fn source() -> String {
    let mut inner = String::new();
    for k in 0..16 {
        let _ = write!(
            inner,
            "ld.shared.f32 %f8, [%r8+{}];\nld.shared.f32 %f9, [%r7+{}];\nfma.rn.f32 %f56, %f9, %f8, %f56;\n",
            64 * k,
            4 * k
        );
    }
    format!(
        ".version 9.0\n.target sm_90\n.address_size 64\n\
.visible .entry mm(.param .u64 a, .param .u64 b, .param .u64 c, .param .u32 n)\n{{\n\
.reg .pred %p<3>;\n.reg .f32 %f<57>;\n.reg .b32 %r<29>;\n.reg .b64 %rd<20>;\n\
.shared .align 4 .b8 As[1024];\n.shared .align 4 .b8 Bs[1024];\n\
ld.param.u64 %rd8, [a];\nld.param.u64 %rd9, [b];\nld.param.u64 %rd10, [c];\nld.param.u32 %r11, [n];\n\
mov.u32 %r12, %ctaid.y;\nshl.b32 %r13, %r12, 4;\nmov.u32 %r1, %tid.y;\nadd.s32 %r14, %r13, %r1;\n\
mov.u32 %r15, %ctaid.x;\nshl.b32 %r2, %r15, 4;\nmov.u32 %r3, %tid.x;\nmul.lo.s32 %r4, %r14, %r11;\n\
mov.f32 %f56, 0f00000000;\nshl.b32 %r17, %r1, 6;\nmov.u32 %r18, As;\nadd.s32 %r7, %r18, %r17;\n\
shl.b32 %r19, %r3, 2;\nadd.s32 %r5, %r7, %r19;\nmov.u32 %r20, Bs;\nadd.s32 %r21, %r20, %r17;\n\
add.s32 %r6, %r21, %r19;\nadd.s32 %r8, %r20, %r19;\nmad.lo.s32 %r22, %r1, %r11, %r3;\nadd.s32 %r23, %r22, %r2;\n\
cvta.to.global.u64 %rd11, %rd9;\nmul.wide.s32 %rd12, %r23, 4;\nadd.s64 %rd19, %rd11, %rd12;\n\
shl.b32 %r24, %r11, 4;\nmul.wide.s32 %rd2, %r24, 4;\nadd.s32 %r25, %r3, %r4;\ncvta.to.global.u64 %rd13, %rd8;\n\
mul.wide.s32 %rd14, %r25, 4;\nadd.s64 %rd18, %rd13, %rd14;\nmov.u32 %r28, 0;\n\
L2:\nld.global.f32 %f6, [%rd18];\nst.shared.f32 [%r5], %f6;\nld.global.f32 %f7, [%rd19];\nst.shared.f32 [%r6], %f7;\n\
bar.sync 0;\n{inner}bar.sync 0;\nadd.s64 %rd19, %rd19, %rd2;\nadd.s64 %rd18, %rd18, 64;\nadd.s32 %r28, %r28, 16;\n\
setp.lt.s32 %p2, %r28, %r11;\n@%p2 bra L2;\n\
add.s32 %r26, %r2, %r3;\nadd.s32 %r27, %r4, %r26;\ncvta.to.global.u64 %rd15, %rd10;\nmul.wide.s32 %rd16, %r27, 4;\n\
add.s64 %rd17, %rd15, %rd16;\nst.global.f32 [%rd17], %f56;\nret;\n}}\n"
    )
}

fn main() {
    let n: usize = std::env::args()
        .nth(1)
        .and_then(|a| a.parse().ok())
        .unwrap_or(512);
    let n = n.next_multiple_of(16);
    let program =
        Program::compile(&[&source()], &CompileOptions::default()).expect("the text is valid");
    let space = Arc::new(AddressSpace::new());
    let module = Arc::new(
        Module::instantiate(Arc::new(program), &space, &mut |_| None).expect("it has no variables"),
    );
    let a: Vec<f32> = (0..n * n).map(|i| (i % 7) as f32).collect();
    let b: Vec<f32> = (0..n * n).map(|i| (i % 5) as f32).collect();
    let mut c = vec![0f32; n * n];
    let bytes = (n * n * 4) as u64;
    for (address, writable) in [
        (a.as_ptr() as u64, false),
        (b.as_ptr() as u64, false),
        (c.as_mut_ptr() as u64, true),
    ] {
        // SAFETY: the vectors outlive the launches and are not touched while those run.
        unsafe {
            space
                .insert(address, bytes, writable, None)
                .expect("the vectors do not overlap")
        };
    }
    let mut params = Vec::new();
    for address in [a.as_ptr() as u64, b.as_ptr() as u64, c.as_mut_ptr() as u64] {
        params.extend(address.to_le_bytes());
    }
    params.extend((n as u32).to_le_bytes());
    let env = LaunchEnv::new(space);
    let most = std::thread::available_parallelism().map_or(1, usize::from);
    for threads in [1, most] {
        let engine = Engine::with_threads(threads);
        let grid = [(n / 16) as u32, (n / 16) as u32, 1];
        let config = LaunchConfig {
            module: &module,
            kernel: "mm",
            grid,
            block: [16, 16, 1],
            dynamic_shared: 0,
            cooperative: false,
            params: &params,
        };
        launch(&engine, &config, &env).expect("the kernel runs");
        let start = Instant::now();
        launch(&engine, &config, &env).expect("the kernel runs");
        let seconds = start.elapsed().as_secs_f64();
        let gflops = 2.0 * (n as f64).powi(3) / seconds / 1e9;
        println!(
            "{n}x{n}, {threads} threads: {gflops:.2} GFLOP/s, {:.2} a core",
            gflops / threads as f64
        );
    }
    let (i, j) = (n / 3, n / 2);
    let expected: f32 = (0..n).map(|k| a[i * n + k] * b[k * n + j]).sum();
    assert_eq!(c[i * n + j], expected, "the product is wrong");
}
