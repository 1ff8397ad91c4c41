//! Control flow, memory, synchronisation and faults, on kernels written in PTX.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use common::{Device, Random, compile, ptx};
use pillion_cpu_device::engine::{CompileErrorKind, CompileOptions, Fault, Program};

/// `%i` becomes the global thread number, `%in` and `%out` the two pointers.
fn kernel(registers: &str, body: &str) -> String {
    ptx(&format!(
        ".visible .entry k(.param .u64 in, .param .u64 out) {{\n\
         .reg .b64 %in, %out, %o;\n.reg .b32 %i, %t, %u;\n{registers}\n\
         mov.u32 %i, %ctaid.x;\nmov.u32 %t, %ntid.x;\nmov.u32 %u, %tid.x;\nmad.lo.s32 %i, %i, %t, %u;\n\
         ld.param.u64 %in, [in];\nld.param.u64 %out, [out];\n\
         cvta.to.global.u64 %in, %in;\ncvta.to.global.u64 %out, %out;\n{body}\nret;\n}}\n"
    ))
}

/// One u32 in, one u32 out, per thread.
fn map(registers: &str, body: &str, reference: impl Fn(usize, u32) -> u32) {
    let mut random = Random::new();
    let text = kernel(
        &format!(".reg .b32 %x, %y;\n{registers}"),
        &format!(
            "mul.wide.u32 %o, %i, 4;\nadd.s64 %in, %in, %o;\nadd.s64 %out, %out, %o;\nld.global.u32 %x, [%in];\n\
             {body}\nst.global.u32 [%out], %y;"
        ),
    );
    let device = Device::new(&text);
    let n = 4 * 96;
    let input: Vec<u32> = (0..n).map(|_| random.next() as u32).collect();
    let (a, b) = (device.buffer32(&input), device.buffer32(&vec![0; n]));
    device.run("k", 4, 96, &[a.address(), b.address()]).unwrap();
    for (i, (&x, got)) in input.iter().zip(b.u32s()).enumerate() {
        assert_eq!(got, reference(i, x), "thread {i}, input {x:#x}\n{text}");
    }
}

#[test]
fn divergent_branches_and_loops() {
    map(
        ".reg .pred %p;",
        "and.b32 %t, %x, 1;\nsetp.eq.u32 %p, %t, 0;\n@%p bra EVEN;\nmul.lo.u32 %y, %x, 3;\nbra JOIN;\n\
         EVEN:\nshr.u32 %y, %x, 1;\nJOIN:\nadd.u32 %y, %y, 1;",
        |_, x| {
            if x & 1 == 0 {
                (x >> 1) + 1
            } else {
                x.wrapping_mul(3).wrapping_add(1)
            }
        },
    );
    // Collatz: every lane loops a different number of times, with a branch inside.
    map(
        ".reg .pred %p, %q;\n.reg .b32 %s;",
        "and.b32 %x, %x, 1023;\nadd.u32 %x, %x, 1;\nmov.u32 %y, 0;\n\
         LOOP:\nsetp.eq.u32 %p, %x, 1;\n@%p bra OUT;\nand.b32 %s, %x, 1;\nsetp.ne.u32 %q, %s, 0;\n@%q bra ODD;\n\
         shr.u32 %x, %x, 1;\nbra NEXT;\nODD:\nmad.lo.u32 %x, %x, 3, 1;\nNEXT:\nadd.u32 %y, %y, 1;\nbra LOOP;\nOUT:",
        |_, x| {
            let mut x = (x & 1023) + 1;
            let mut n = 0;
            while x != 1 {
                x = if x & 1 != 0 { 3 * x + 1 } else { x / 2 };
                n += 1;
            }
            n
        },
    );
    map(
        "",
        "and.b32 %t, %x, 3;\nTS: .branchtargets A, B, C, D;\nbrx.idx %t, TS;\n\
         A: mov.u32 %y, 10;\nbra E;\nB: mov.u32 %y, 20;\nbra E;\nC: mov.u32 %y, 30;\nbra E;\nD: add.u32 %y, %x, 1;\nE:",
        |_, x| [10, 20, 30, x.wrapping_add(1)][(x & 3) as usize],
    );
    map(
        ".reg .pred %p;",
        "mov.u32 %y, %x;\nsetp.gt.u32 %p, %x, 0x80000000;\n@%p st.global.u32 [%out], %x;\n@%p exit;\nadd.u32 %y, %y, 5;",
        |_, x| {
            if x > 0x8000_0000 {
                x
            } else {
                x.wrapping_add(5)
            }
        },
    );
}

#[test]
fn after_divergence_lanes_meet_again() {
    // The ballot sees all lanes only if those of both ways have met.
    map(
        ".reg .pred %p;\n.reg .b32 %m;",
        "setp.gt.u32 %p, %x, 0x7fffffff;\n@%p bra A;\nadd.u32 %y, %x, 1;\nbra B;\nA:\nsub.u32 %y, %x, 1;\nB:\nactivemask.b32 %y;",
        |_, _| u32::MAX,
    );
    map(
        ".reg .pred %p;\n.reg .b32 %n;",
        "and.b32 %n, %x, 15;\nL:\nsetp.eq.u32 %p, %n, 0;\n@%p bra O;\nsub.u32 %n, %n, 1;\nbra L;\nO:\nactivemask.b32 %y;",
        |_, _| u32::MAX,
    );
}

const FUNCTIONS: &str = "\
.func (.param .b32 r) twice(.param .b32 a) {\n.reg .b32 %x;\nld.param.b32 %x, [a];\nshl.b32 %x, %x, 1;\nst.param.b32 [r], %x;\nret;\n}\n\
.func (.param .b32 r) plus(.param .b32 a) {\n.reg .b32 %x;\nld.param.b32 %x, [a];\nadd.u32 %x, %x, 7;\nst.param.b32 [r], %x;\nret;\n}\n\
.global .u64 table[2] = {twice, plus};\n\
.func (.param .b32 r) factorial(.param .b32 a) {\n.reg .b32 %x, %y;\n.reg .pred %p;\nld.param.b32 %x, [a];\n\
setp.lt.u32 %p, %x, 2;\n@%p bra ONE;\nsub.u32 %y, %x, 1;\n{\n.param .b32 q;\n.param .b32 s;\nst.param.b32 [q], %y;\n\
call (s), factorial, (q);\nld.param.b32 %y, [s];\n}\nmul.lo.u32 %x, %x, %y;\nst.param.b32 [r], %x;\nret;\n\
ONE:\nst.param.b32 [r], 1;\nret;\n}\n\
.func (.reg .b32 r) sum(.reg .b32 a, .reg .b64 b) {\n.reg .b32 %t;\ncvt.u32.u64 %t, b;\nadd.u32 r, a, %t;\nret;\n}\n\
.func (.param .align 8 .b8 r[16]) swap(.param .align 8 .b8 a[16]) {\n.reg .b64 %x;\n.reg .b32 %y, %z;\n\
ld.param.b64 %x, [a];\nld.param.v2.b32 {%y, %z}, [a+8];\nst.param.v2.b32 [r], {%z, %y};\nst.param.b64 [r+8], %x;\nret;\n}\n";

/// `map` with functions before the kernel.
fn map_functions(registers: &str, body: &str, reference: impl Fn(u32) -> u32) {
    let mut random = Random::new();
    let text = kernel(
        &format!(".reg .b32 %x, %y;\n{registers}"),
        &format!(
            "mul.wide.u32 %o, %i, 4;\nadd.s64 %in, %in, %o;\nadd.s64 %out, %out, %o;\nld.global.u32 %x, [%in];\n\
             {body}\nst.global.u32 [%out], %y;"
        ),
    );
    let text = text.replace(".visible .entry", &format!("{FUNCTIONS}.visible .entry"));
    let device = Device::new(&text);
    let input: Vec<u32> = (0..64).map(|_| random.next() as u32).collect();
    let (a, b) = (device.buffer32(&input), device.buffer32(&[0; 64]));
    device.run("k", 1, 64, &[a.address(), b.address()]).unwrap();
    for (&x, got) in input.iter().zip(b.u32s()) {
        assert_eq!(got, reference(x), "input {x:#x}");
    }
}

#[test]
fn calls() {
    map_functions(
        "",
        "{ .param .b32 a; .param .b32 r; st.param.b32 [a], %x; call.uni (r), twice, (a); ld.param.b32 %y, [r]; }",
        |x| x << 1,
    );
    map_functions(
        "",
        "and.b32 %x, %x, 7;\n{ .param .b32 a; .param .b32 r; st.param.b32 [a], %x; call.uni (r), factorial, (a); ld.param.b32 %y, [r]; }",
        |x| (1..=(x & 7)).product(),
    );
    // A different function in each lane.
    map_functions(
        ".reg .b64 %f, %g;",
        "and.b32 %t, %x, 1;\nmul.wide.u32 %f, %t, 8;\nmov.u64 %g, table;\nadd.u64 %f, %f, %g;\nld.global.u64 %f, [%f];\n\
         { .param .b32 a; .param .b32 r; st.param.b32 [a], %x;\nP: .callprototype (.param .b32 _) _ (.param .b32 _);\n\
         call (r), %f, (a), P; ld.param.b32 %y, [r]; }",
        |x| {
            if x & 1 == 0 {
                x << 1
            } else {
                x.wrapping_add(7)
            }
        },
    );
    map_functions(
        ".reg .b64 %w;",
        "cvt.u64.u32 %w, %i;\ncall (%y), sum, (%x, %w);\nsub.u32 %y, %y, %i;",
        |x| x,
    );
    map_functions(
        ".reg .b64 %w;\n.reg .b32 %z;",
        "{ .param .align 8 .b8 a[16]; .param .align 8 .b8 r[16]; st.param.b32 [a], 5; st.param.b32 [a+4], 6; st.param.b32 [a+8], %x;\
         st.param.b32 [a+12], 9; call (r), swap, (a); ld.param.b32 %y, [r+4]; ld.param.b32 %z, [r+12]; }\nadd.u32 %y, %y, %z;",
        |x| x.wrapping_add(6),
    );
    // Lanes that do not take part keep their values.
    map_functions(
        ".reg .pred %p;",
        "mov.u32 %y, 99;\nsetp.gt.u32 %p, %x, 0x7fffffff;\n@%p bra SKIP;\n\
         { .param .b32 a; .param .b32 r; st.param.b32 [a], %x; call (r), twice, (a); ld.param.b32 %y, [r]; }\nSKIP:",
        |x| if x > 0x7fff_ffff { 99 } else { x << 1 },
    );
}

#[test]
fn memory_spaces() {
    map(
        ".reg .b16 %h<4>;\n.reg .b64 %l;\n.local .align 8 .b8 depot[16];",
        "mov.u64 %l, depot;\nst.local.u32 [%l+4], %x;\nld.local.v2.u16 {%h0, %h1}, [%l+4];\nst.local.v2.u16 [%l+8], {%h1, %h0};\nld.local.u32 %y, [%l+8];",
        |_, x| x.rotate_left(16),
    );
    // By generic addresses, at a place that differs between lanes.
    map(
        ".reg .b64 %l, %k;\n.reg .b32 %z;\n.local .align 8 .b8 depot[64];",
        "mov.u64 %l, depot;\ncvta.local.u64 %l, %l;\nand.b32 %t, %x, 7;\nmul.wide.u32 %k, %t, 8;\nadd.u64 %l, %l, %k;\nst.u32 [%l], %x;\nst.u8 [%l+1], 0;\nld.u32 %y, [%l];",
        |_, x| x & 0xffff_00ff,
    );
    // Through shared memory, reversed.
    map(
        ".shared .align 4 .b8 s[512];\n.reg .b32 %a, %b;",
        "mov.u32 %a, s;\nmad.lo.u32 %b, %u, 4, %a;\nst.shared.u32 [%b], %x;\nbar.sync 0;\nmov.u32 %t, 95;\nsub.u32 %t, %t, %u;\nmad.lo.u32 %b, %t, 4, %a;\nld.shared.u32 %y, [%b];\nshr.u32 %y, %y, 31;\nshr.u32 %t, %x, 31;\nbar.sync 0;\nst.shared.u32 [%b], %y;\nbar.sync 0;\nmad.lo.u32 %b, %u, 4, %a;\nld.shared.u32 %y, [%b];",
        |_, x| x >> 31,
    );
    map(
        ".shared .align 8 .b8 s[1024];\n.reg .b32 %a;\n.reg .b64 %g;\n.reg .pred %p, %q;",
        "mov.u32 %a, s;\nmad.lo.u32 %a, %u, 8, %a;\ncvt.u64.u32 %g, %a;\ncvta.shared.u64 %g, %g;\nst.u32 [%g], %x;\nld.shared.u32 %y, [%a];\nisspacep.shared %p, %g;\nisspacep.global %q, %in;\n@!%p mov.u32 %y, 0;\n@!%q mov.u32 %y, 0;",
        |_, x| x,
    );
    map(
        ".reg .b16 %h;",
        "st.global.u8 [%out], %x;\nld.global.s8 %y, [%out];",
        |_, x| x as i8 as u32,
    );
    map(
        ".reg .b32 %q<4>;\n.shared .align 16 .b8 s[2048];\n.reg .b32 %a;",
        "mov.u32 %a, s;\nmad.lo.u32 %a, %u, 16, %a;\nst.shared.v4.u32 [%a], {%x, 1, 2, 3};\nld.shared.v4.u32 {%q0, %q1, %q2, _}, [%a];\nadd.u32 %y, %q0, %q1;\nadd.u32 %y, %y, %q2;",
        |_, x| x.wrapping_add(3),
    );
    map(
        ".reg .b128 %q;\n.reg .b64 %a, %b;",
        "cvt.u64.u32 %a, %x;\nmov.b64 %b, 77;\nmov.b128 %q, {%a, %b};\nmov.b128 {%b, %a}, %q;\ncvt.u32.u64 %y, %b;\ncvt.u32.u64 %t, %a;\nadd.u32 %y, %y, %t;",
        |_, x| x.wrapping_add(77),
    );
}

#[test]
fn variables() {
    let text = ptx(
        ".global .align 4 .u32 counter = 5;\n.const .align 4 .f32 values[4] = {0f3F800000, 2.5, 3, -1.0};\n\
        .global .align 8 .u64 pointer = generic(counter)+0;\n.global .align 4 .b8 bytes[8] = {1, 2, 3, 4, 0xff(counter), 0};\n\
        .global .align 4 .u32 matrix[2][3] = {{1, 2, 3}, {4, 5, 6}};\n\
        .visible .entry k(.param .u64 out) {\n.reg .b64 %o, %p;\n.reg .b32 %x;\n.reg .f32 %f;\nld.param.u64 %o, [out];\n\
        mov.u64 %p, pointer;\nld.global.u64 %p, [%p];\nld.u32 %x, [%p];\nst.global.u32 [%o], %x;\n\
        ld.const.f32 %f, [values+4];\nst.global.f32 [%o+4], %f;\nld.const.f32 %f, [values+12];\nst.global.f32 [%o+8], %f;\n\
        ld.global.u32 %x, [matrix+16];\nst.global.u32 [%o+12], %x;\natom.global.add.u32 %x, [counter], 3;\n\
        ld.global.u32 %x, [bytes];\nst.global.u32 [%o+16], %x;\nret;\n}\n",
    );
    let device = Device::new(&text);
    let out = device.buffer32(&[0; 5]);
    device.run("k", 1, 1, &[out.address()]).unwrap();
    assert_eq!(
        out.u32s(),
        [5, 2.5f32.to_bits(), (-1f32).to_bits(), 5, 0x0403_0201]
    );
    device.run("k", 1, 1, &[out.address()]).unwrap();
    assert_eq!(out.u32s()[0], 8);
    assert!(
        device
            .module
            .global_address("values")
            .is_some_and(|(_, size)| size == 16)
    );
    assert!(device.module.global_address("nothing").is_none());
}

#[test]
fn linked_sources() {
    let a = ptx(
        ".extern .func (.param .b32 r) f(.param .b32 a);\n.extern .global .u32 v;\n\
        .visible .entry k(.param .u64 out) {\n.reg .b64 %o;\n.reg .b32 %x, %y;\nld.param.u64 %o, [out];\nld.global.u32 %y, [v];\n\
        { .param .b32 a; .param .b32 r; st.param.b32 [a], 20; call (r), f, (a); ld.param.b32 %x, [r]; }\nadd.u32 %x, %x, %y;\nst.global.u32 [%o], %x;\nret;\n}\n",
    );
    let b = ptx(
        ".visible .global .u32 v = 100;\n.weak .func (.param .b32 r) f(.param .b32 a) {\n.reg .b32 %x;\nld.param.b32 %x, [a];\nadd.u32 %x, %x, 2;\nst.param.b32 [r], %x;\nret;\n}\n",
    );
    let device = Device::with(Program::compile(&[&a, &b], &CompileOptions::default()).unwrap());
    let out = device.buffer32(&[0]);
    device.run("k", 1, 1, &[out.address()]).unwrap();
    assert_eq!(out.u32s(), [122]);
    let error = Program::compile(&[&a], &CompileOptions::default()).unwrap_err();
    assert_eq!(error.kind, CompileErrorKind::Link);
    assert!(error.message.contains("'v'"), "{error}");
}

#[test]
fn warp_operations() {
    map(
        ".reg .b32 %m;",
        "mov.u32 %m, -1;\nshfl.sync.bfly.b32 %y, %x, 1, 31, %m;\nxor.b32 %y, %y, %x;\nshfl.sync.idx.b32 %y, %y, 0, 0x1e1f, %m;\nsub.u32 %y, %y, %y;",
        |_, _| 0,
    );
    let shuffle = |mode: &str, lane: u32, clamp: u32, f: fn(i32) -> i32| {
        map(
            ".reg .b32 %m, %l;\n.reg .pred %p;",
            &format!(
                "mov.u32 %m, -1;\nmov.u32 %l, %laneid;\nshfl.sync.{mode}.b32 %y|%p, %l, {lane}, {clamp}, %m;\n@!%p add.u32 %y, %y, 100;"
            ),
            move |i, _| {
                let l = i as i32 % 32;
                let j = f(l);
                if (0..32).contains(&j) {
                    j as u32
                } else {
                    l as u32 + 100
                }
            },
        );
    };
    shuffle("down", 3, 31, |l| l + 3);
    shuffle("up", 5, 0, |l| l - 5);
    shuffle("bfly", 9, 31, |l| l ^ 9);
    shuffle("idx", 7, 31, |_| 7);
    // Segments of eight lanes.
    shuffle(
        "down",
        3,
        0x181f,
        |l| if l % 8 + 3 < 8 { l + 3 } else { 99 },
    );
    // A lane that does not take part gives 0.
    map(
        ".reg .pred %p;\n.reg .b32 %m, %l;",
        "mov.u32 %m, 255;\nmov.u32 %l, %laneid;\nmov.u32 %y, %l;\nsetp.lt.u32 %p, %l, 8;\n@!%p bra Z;\nshfl.sync.down.b32 %t, %l, 4, 31, %m;\nadd.u32 %y, %y, %t;\nZ:",
        |i, _| match i as u32 % 32 {
            l @ 0..4 => l + l + 4,
            l => l,
        },
    );
    map(
        ".reg .pred %p;\n.reg .b32 %m, %s;",
        "mov.u32 %m, -1;\nand.b32 %t, %u, 3;\nsetp.eq.u32 %p, %t, 1;\nvote.sync.ballot.b32 %y, %p, %m;",
        |_, _| 0x2222_2222,
    );
    map(
        ".reg .pred %p, %q;\n.reg .b32 %m;",
        "mov.u32 %m, -1;\nsetp.ne.u32 %p, %u, 40;\nvote.sync.all.pred %q, %p, %m;\nselp.u32 %y, 1, 0, %q;",
        |i, _| u32::from(i % 96 / 32 != 1),
    );
    map(
        ".reg .b32 %m, %l;",
        "mov.u32 %m, -1;\nmov.u32 %l, %laneid;\nand.b32 %t, %l, 3;\nmatch.any.sync.b32 %y, %t, %m;",
        |i, _| 0x1111_1111 << (i % 4),
    );
    map(
        ".reg .b32 %m, %l;",
        "mov.u32 %m, -1;\nmov.u32 %l, %laneid;\nredux.sync.add.u32 %y, %l, %m;",
        |_, _| 496,
    );
    map(
        ".reg .b32 %m, %l;",
        "mov.u32 %m, -1;\nmov.u32 %l, %laneid;\nsub.u32 %l, %l, 16;\nredux.sync.min.s32 %y, %l, %m;",
        |_, _| -16i32 as u32,
    );
    map(
        ".reg .b32 %m;\n.reg .pred %p;",
        "mov.u32 %m, 0xfffffff0;\nmov.u32 %y, 0;\nmov.u32 %t, %laneid;\nsetp.lt.u32 %p, %t, 4;\n@%p bra X;\nelect.sync %y|%p, %m;\nselp.u32 %y, 1, 0, %p;\nX:",
        |i, _| u32::from(i % 32 == 4),
    );
    // Lanes that come to the same shuffle by different ways at different times.
    map(
        ".reg .pred %p;\n.reg .b32 %n, %m, %l;",
        "mov.u32 %l, %laneid;\nmov.u32 %n, %l;\nW:\nsetp.eq.u32 %p, %n, 0;\n@%p bra Z;\nsub.u32 %n, %n, 1;\nbra W;\nZ:\nmov.u32 %m, -1;\nbar.warp.sync %m;\nshfl.sync.idx.b32 %y, %l, 31, 31, %m;",
        |_, _| 31,
    );
    map(
        "",
        "mov.u32 %y, %lanemask_lt;\nmov.u32 %t, %lanemask_ge;\nxor.b32 %y, %y, %t;",
        |_, _| u32::MAX,
    );
}

#[test]
fn partial_warps_and_early_exits() {
    // Lanes that have ended are not waited for.
    let text = kernel(
        ".reg .pred %p;\n.reg .b32 %y, %m;",
        "setp.ge.u32 %p, %i, 10;\n@%p ret;\nmov.u32 %m, -1;\nvote.sync.ballot.b32 %y, %p, %m;\nactivemask.b32 %y;\nbar.sync 0;\nmul.wide.u32 %o, %i, 4;\nadd.s64 %out, %out, %o;\nst.global.u32 [%out], %y;",
    );
    let device = Device::new(&text);
    let out = device.buffer32(&[0; 64]);
    device.run("k", 1, 61, &[0, out.address()]).unwrap();
    let expected: Vec<u32> = (0..64).map(|i| if i < 10 { 0x3ff } else { 0 }).collect();
    assert_eq!(out.u32s(), expected);
}

#[test]
fn atomics() {
    let run = |body: &str, initial: u64, threads: u32| {
        let text = kernel(
            ".reg .b32 %x, %y;\n.reg .b64 %w, %v;\n.reg .f32 %f;\n.reg .f64 %d;\n.reg .pred %p;\n.reg .b16 %h, %g;",
            body,
        );
        let device = Device::new(&text);
        let out = device.buffer64(&[initial, 0]);
        device
            .run("k", threads / 64, 64, &[0, out.address()])
            .unwrap();
        out.u64s()[0]
    };
    assert_eq!(run("atom.global.add.u32 %x, [%out], 1;", 0, 6400), 6400);
    assert_eq!(run("red.global.add.u64 [%out], 3;", 0, 6400), 3 * 6400);
    assert_eq!(run("atom.global.max.u32 %x, [%out], %i;", 0, 6400), 6399);
    assert_eq!(
        run("neg.s32 %x, %i;\nred.global.min.s32 [%out], %x;", 0, 640),
        (-639i32 as u32).into()
    );
    assert_eq!(run("atom.global.inc.u32 %x, [%out], 9;", 0, 6400), 0);
    assert_eq!(run("atom.global.inc.u32 %x, [%out], 9;", 4, 64), 8);
    assert_eq!(run("atom.global.dec.u32 %x, [%out], 9;", 0, 64), 6);
    assert_eq!(
        run(
            "and.b32 %x, %i, 31;\nmov.u32 %y, 1;\nshl.b32 %y, %y, %x;\nred.global.or.b32 [%out], %y;",
            0,
            64
        ),
        0xffff_ffff
    );
    assert_eq!(run("red.global.xor.b32 [%out], %i;", 0, 64), 0);
    assert_eq!(
        f32::from_bits(run(
            "mov.f32 %f, 0f3F800000;\natom.global.add.f32 %f, [%out], %f;",
            0,
            6400
        ) as u32),
        6400.0
    );
    assert_eq!(
        f64::from_bits(run(
            "mov.f64 %d, 0d3FE0000000000000;\nred.global.add.f64 [%out], %d;",
            0,
            6400
        )),
        3200.0
    );
    assert_eq!(
        run(
            "mov.b32 %x, 0x3c003c00;\nred.global.add.noftz.f16x2 [%out], %x;",
            0,
            64
        ),
        0x5400_5400
    );
    // A counter by compare and swap.
    assert_eq!(
        run(
            "ld.global.u32 %x, [%out];\nL:\nadd.u32 %y, %x, 1;\natom.global.cas.b32 %y, [%out], %x, %y;\nsetp.ne.u32 %p, %x, %y;\nmov.u32 %x, %y;\n@%p bra L;",
            0,
            640
        ),
        640
    );
    assert_eq!(
        run(
            "L:\nld.global.u16 %h, [%out];\nadd.u16 %g, %h, 2;\natom.global.cas.b16 %g, [%out], %h, %g;\nsetp.ne.u16 %p, %g, %h;\n@%p bra L;",
            0,
            640
        ),
        1280
    );
    assert_eq!(
        run(
            "atom.add.release.gpu.u32 %x, [%out], 2;\nfence.acq_rel.gpu;\nmembar.gl;",
            0,
            640
        ),
        1280
    );
    let text = kernel(
        ".reg .b128 %q, %r, %s;\n.reg .b64 %a, %b;\n.reg .pred %p;",
        "L:\nld.global.b128 %q, [%out];\nmov.b128 {%a, %b}, %q;\nadd.u64 %a, %a, 1;\nsub.u64 %b, %b, 1;\nmov.b128 %r, {%a, %b};\natom.global.cas.b128 %s, [%out], %q, %r;\nmov.b128 {%b, %o}, %s;\nsub.u64 %a, %a, 1;\nsetp.ne.u64 %p, %a, %b;\n@%p bra L;",
    );
    let device = Device::new(&text);
    let memory = device.buffer64(&[0; 4]);
    let at = memory.address().next_multiple_of(16);
    device.run("k", 4, 64, &[0, at]).unwrap();
    let words = memory.u64s();
    let first = ((at - memory.address()) / 8) as usize;
    assert_eq!(
        [words[first], words[first + 1]],
        [256, 256u64.wrapping_neg()]
    );
}

#[test]
fn barriers() {
    // Producer and consumer warps on two named barriers.
    let text = kernel(
        ".shared .align 4 .u32 s;\n.reg .pred %p;\n.reg .b32 %n, %v, %acc, %id;",
        "setp.lt.u32 %p, %u, 32;\nmov.u32 %n, 0;\nmov.u32 %acc, 0;\n@%p bra PRODUCE;\n\
         C:\nbar.sync 1, 64;\nld.shared.u32 %v, [s];\nadd.u32 %acc, %acc, %v;\nbar.arrive 2, 64;\nadd.u32 %n, %n, 1;\nsetp.lt.u32 %p, %n, 20;\n@%p bra C;\n\
         mul.wide.u32 %o, %u, 4;\nadd.s64 %out, %out, %o;\nst.global.u32 [%out], %acc;\nret;\n\
         PRODUCE:\nst.shared.u32 [s], %n;\nbar.arrive 1, 64;\nbar.sync 2, 64;\nadd.u32 %n, %n, 1;\nsetp.lt.u32 %p, %n, 20;\n@%p bra PRODUCE;",
    );
    let device = Device::new(&text);
    let out = device.buffer32(&[0; 64]);
    device.run("k", 1, 64, &[0, out.address()]).unwrap();
    assert_eq!(out.u32s()[32..], [190; 32]);
    map(
        ".reg .pred %p;",
        "setp.lt.u32 %p, %u, 40;\nbar.red.popc.u32 %y, 0, %p;",
        |_, _| 40,
    );
    map(
        ".reg .pred %p, %q;",
        "setp.lt.u32 %p, %u, 96;\nbarrier.red.and.pred %q, 0, %p;\nselp.u32 %y, 1, 0, %q;",
        |_, _| 1,
    );
    map(
        ".reg .pred %p, %q;",
        "setp.eq.u32 %p, %u, 200;\nbar.red.or.pred %q, 0, %p;\nselp.u32 %y, 1, 0, %q;",
        |_, _| 0,
    );
}

#[test]
fn spin_locks_make_progress() {
    // Lanes of one warp, warps of one block and blocks, all on one lock.
    let text = kernel(
        ".reg .pred %p;\n.reg .b32 %x;",
        "L:\natom.global.cas.b32 %x, [%out], 0, 1;\nsetp.ne.u32 %p, %x, 0;\n@%p bra L;\n\
         ld.volatile.global.u32 %x, [%out+4];\nadd.u32 %x, %x, 1;\nst.volatile.global.u32 [%out+4], %x;\nmembar.gl;\natom.global.exch.b32 %x, [%out], 0;",
    );
    let device = Device::new(&text);
    let out = device.buffer32(&[0, 0]);
    device.run("k", 5, 96, &[0, out.address()]).unwrap();
    assert_eq!(out.u32s(), [0, 480]);
    // Each block waits for the one after it, which may not have begun.
    let text = kernel(
        ".reg .pred %p;\n.reg .b32 %x, %b, %n;\n.reg .b64 %q;",
        "mov.u32 %b, %ctaid.x;\nmov.u32 %n, %nctaid.x;\nsub.u32 %n, %n, 1;\nmul.wide.u32 %o, %b, 4;\nadd.s64 %q, %out, %o;\nsetp.eq.u32 %p, %b, %n;\n@%p bra GO;\n\
         W:\nld.acquire.gpu.global.u32 %x, [%q+4];\nsetp.eq.u32 %p, %x, 0;\n@%p bra W;\nGO:\nst.release.gpu.global.u32 [%q], 1;",
    );
    let device = Device::new(&text);
    let out = device.buffer32(&[0; 40]);
    device.run("k", 40, 32, &[0, out.address()]).unwrap();
    assert_eq!(out.u32s(), [1; 40]);
}

#[test]
fn cooperative_grids() {
    // The barrier of cooperative groups, three times.
    let text = kernel(
        ".reg .pred %p, %m;\n.reg .b32 %a, %b, %n, %old, %k, %s;\n.reg .b64 %w, %h, %q;",
        "mov.u32 %a, %envreg1;\nmov.u32 %b, %envreg2;\ncvt.u64.u32 %w, %a;\nshl.b64 %w, %w, 32;\ncvt.u64.u32 %h, %b;\nor.b64 %w, %w, %h;\nadd.u64 %w, %w, 4;\n\
         mov.u32 %k, 0;\nmov.u32 %s, 0;\nmov.u32 %n, %nctaid.x;\n\
         ROUND:\natom.global.add.u32 %a, [%out], 1;\nbarrier.sync 0;\nsetp.ne.u32 %p, %u, 0;\n@%p bra WAIT;\n\
         mov.u32 %a, %ctaid.x;\nsetp.eq.u32 %m, %a, 0;\nsub.u32 %b, 0x80000001, %n;\nselp.b32 %b, %b, 1, %m;\natom.add.release.gpu.u32 %old, [%w], %b;\n\
         SPIN:\nld.acquire.gpu.u32 %a, [%w];\nxor.b32 %a, %a, %old;\nsetp.gt.s32 %p, %a, -1;\n@%p bra SPIN;\n\
         WAIT:\nbarrier.sync 0;\nld.volatile.global.u32 %a, [%out];\nmul.lo.u32 %b, %n, 64;\nadd.u32 %old, %k, 1;\nmul.lo.u32 %b, %b, %old;\nsetp.lt.u32 %p, %a, %b;\n@%p add.u32 %s, %s, 1;\n\
         add.u32 %k, %k, 1;\nsetp.lt.u32 %p, %k, 3;\n@%p bra ROUND;\nred.global.add.u32 [%out+4], %s;",
    );
    let device = Device::new(&text);
    let out = device.buffer32(&[0, 0]);
    device
        .run_with("k", [50, 1, 1], [64, 1, 1], 0, true, &[0, out.address()])
        .unwrap();
    assert_eq!(out.u32s(), [3 * 50 * 64, 0]);
}

#[test]
fn shapes_and_dynamic_shared_memory() {
    let text = ptx(
        ".extern .shared .align 16 .b8 dyn[];\n.visible .entry k(.param .u64 out) {\n.shared .align 4 .b8 fixed[20];\n\
        .reg .b64 %o, %q;\n.reg .b32 %x, %y, %z, %n, %t, %a;\nld.param.u64 %o, [out];\n\
        mov.u32 %x, %tid.x;\nmov.u32 %y, %tid.y;\nmov.u32 %z, %tid.z;\nmov.u32 %n, %ntid.x;\nmad.lo.u32 %t, %y, %n, %x;\nmov.u32 %a, %ntid.y;\nmul.lo.u32 %a, %a, %n;\nmad.lo.u32 %t, %z, %a, %t;\n\
        mov.u32 %a, dyn;\nmad.lo.u32 %a, %t, 4, %a;\nst.shared.u32 [%a], %t;\nst.shared.u32 [fixed], 0;\nbar.sync 0;\nld.shared.u32 %y, [%a];\n\
        mov.u32 %n, %ctaid.z;\nmul.lo.u32 %n, %n, 24;\nadd.u32 %t, %t, %n;\nmul.wide.u32 %q, %t, 4;\nadd.u64 %q, %o, %q;\nmov.u32 %n, %dynamic_smem_size;\nadd.u32 %y, %y, %n;\nst.global.u32 [%q], %y;\nret;\n}\n",
    );
    let device = Device::new(&text);
    let out = device.buffer32(&[0; 48]);
    device
        .run_with("k", [1, 1, 2], [2, 3, 4], 96, false, &[out.address()])
        .unwrap();
    let expected: Vec<u32> = (0..48).map(|i| i % 24 + 96).collect();
    assert_eq!(out.u32s(), expected);
    let kernel = device.module.program().kernel("k").unwrap();
    assert_eq!(
        (
            kernel.static_shared_bytes,
            kernel.param_bytes,
            kernel.params.len()
        ),
        (20, 8, 1)
    );
}

const PRINT: &str = ".extern .func (.param .b32 r) vprintf(.param .b64 a, .param .b64 b);\n\
    .extern .func (.param .b64 r) malloc(.param .b64 a);\n.extern .func free(.param .b64 a);\n\
    .extern .func __assertfail(.param .b64 a, .param .b64 b, .param .b32 c, .param .b64 d, .param .b64 e);\n\
    .global .align 1 .b8 fmt[40] = {37, 100, 124, 37, 53, 46, 50, 102, 124, 37, 45, 52, 115, 124, 37, 48, 52, 120, 124, 37, 108, 108, 117, 124, 37, 99, 37, 37, 10, 0};\n\
    .global .align 1 .b8 word[3] = {104, 105, 0};\n";

#[test]
fn printf_malloc_assert() {
    let text = kernel(
        ".local .align 8 .b8 args[48];\n.reg .b64 %p, %f, %w;\n.reg .b32 %x;",
        "mov.u64 %p, args;\ncvta.local.u64 %f, %p;\nst.local.u32 [%p], -7;\nst.local.f64 [%p+8], 0d400921FB54442D18;\n\
         mov.u64 %w, word;\ncvta.global.u64 %w, %w;\nst.local.u64 [%p+16], %w;\nst.local.u32 [%p+24], 171;\nst.local.u64 [%p+32], 12345678901234;\nst.local.u32 [%p+40], 65;\n\
         mov.u64 %w, fmt;\n{ .param .b64 a; .param .b64 b; .param .b32 r; st.param.b64 [a], %w; st.param.b64 [b], %f; call.uni (r), vprintf, (a, b); ld.param.b32 %x, [r]; }\nst.global.u32 [%out], %x;",
    );
    let text = text.replace(".visible .entry", &format!("{PRINT}.visible .entry"));
    let device = Device::new(&text);
    let out = device.buffer32(&[0]);
    device.run("k", 1, 2, &[0, out.address()]).unwrap();
    let line = "-7| 3.14|hi  |00ab|12345678901234|A%\n";
    assert_eq!(
        String::from_utf8_lossy(&device.output.lock().unwrap()),
        line.repeat(2)
    );
    assert_eq!(out.u32s(), [6]);

    let text = kernel(
        ".reg .b64 %p;\n.reg .b32 %x;",
        "{ .param .b64 a; .param .b64 r; st.param.b64 [a], 24; call (r), malloc, (a); ld.param.b64 %p, [r]; }\nst.u32 [%p], %i;\nbar.sync 0;\nld.u32 %x, [%p];\nmul.wide.u32 %o, %i, 4;\nadd.u64 %out, %out, %o;\nst.global.u32 [%out], %x;\n\
         { .param .b64 a; st.param.b64 [a], %p; call free, (a); }",
    );
    let text = text.replace(".visible .entry", &format!("{PRINT}.visible .entry"));
    let device = Device::new(&text);
    let out = device.buffer32(&[0; 128]);
    device.run("k", 2, 64, &[0, out.address()]).unwrap();
    assert_eq!(out.u32s(), (0..128).collect::<Vec<u32>>());
    assert_eq!(device.env.heap.as_ref().unwrap().used(), 0);

    let text = kernel(
        ".reg .b64 %w;",
        "mov.u64 %w, word;\n{ .param .b64 a; .param .b64 b; .param .b32 c; .param .b64 d; .param .b64 e; st.param.b64 [a], %w; st.param.b64 [b], %w; st.param.b32 [c], 42; st.param.b64 [d], %w; st.param.b64 [e], 1; call __assertfail, (a, b, c, d, e); }",
    );
    let text = text.replace(".visible .entry", &format!("{PRINT}.visible .entry"));
    let device = Device::new(&text);
    let fault = device.run("k", 1, 1, &[0, 0]).unwrap_err();
    assert_eq!(fault.code(), 710);
    let output = String::from_utf8_lossy(&device.output.lock().unwrap()).into_owned();
    assert_eq!(
        output,
        "hi:42: hi: block: [0,0,0], thread: [0,0,0] Assertion `hi` failed.\n"
    );
}

#[test]
fn faults() {
    let run = |registers: &str, body: &str, out: u64| {
        let device = Device::new(&kernel(registers, body));
        let buffer = device.buffer32(&[0; 64]);
        let out = if out == 0 { buffer.address() } else { out };
        device.run("k", 2, 64, &[0, out]).unwrap_err()
    };
    match run(
        "",
        "mul.wide.u32 %o, %i, 4;\nadd.u64 %out, %out, %o;\nst.global.u32 [%out], 1;",
        0,
    ) {
        Fault::IllegalAddress { size: 4, site, .. } => {
            assert_eq!((site.block, site.kernel.as_str()), ([1, 0, 0], "k"));
            assert!(site.line > 0);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(
        run("", "st.global.u32 [%out], 1;", 0x1234_5678_0000).code(),
        700
    );
    assert_eq!(run("", "st.global.u32 [%out], 1;", 8).code(), 700);
    assert_eq!(run("", "st.global.u32 [%out+-1], 1;", 0).code(), 716);
    assert_eq!(
        run(".reg .b32 %x;", "ld.shared.u32 %x, [%t+100000];", 0).code(),
        700
    );
    assert_eq!(
        run(
            ".reg .b64 %p;\n.local .b32 v;",
            "mov.u64 %p, v;\nst.local.u32 [%p+1000000], 1;",
            0
        )
        .code(),
        700
    );
    assert_eq!(run("", "trap;", 0).code(), 719);
    assert_eq!(
        run(
            ".reg .b64 %f;",
            "mov.u64 %f, 1234;\nP: .callprototype _ ();\ncall %f, (), P;",
            0
        )
        .code(),
        718
    );
    // A barrier that only half of the threads of a count can come to.
    assert_eq!(run("", "bar.sync 1, 128;", 0).code(), 702);
    let deep = ptx(
        ".func f(.param .b32 a) {\n.reg .b32 %x;\n.local .b8 v[256];\nld.param.b32 %x, [a];\n{ .param .b32 q; st.param.b32 [q], %x; call f, (q); }\nret;\n}\n.visible .entry k() {\n{ .param .b32 q; st.param.b32 [q], 1; call f, (q); }\nret;\n}\n",
    );
    assert_eq!(
        Device::new(&deep).run("k", 1, 32, &[]).unwrap_err().code(),
        714
    );
    // Read-only memory cannot be written.
    let device = Device::new(&kernel("", "st.global.u32 [%out], 1;"));
    let words = [0u64; 4];
    // SAFETY: the array lives until the launch has ended, and is not written.
    unsafe {
        device
            .space
            .insert(words.as_ptr() as u64, 32, false, None)
            .unwrap()
    };
    assert_eq!(
        device
            .run("k", 1, 1, &[0, words.as_ptr() as u64])
            .unwrap_err()
            .code(),
        700
    );
}

#[test]
fn endless_loops_can_be_stopped() {
    let text = kernel("", "L:\nadd.u32 %t, %t, 1;\nbra L;");
    let mut device = Device::new(&text);
    device.env.step_limit = Some(100_000);
    assert_eq!(device.run("k", 3, 64, &[0, 0]), Err(Fault::Cancelled));
    device.env.step_limit = None;
    let cancel = Arc::new(AtomicBool::new(false));
    device.env.cancel = Some(cancel.clone());
    std::thread::scope(|s| {
        let endless = s.spawn(|| device.run("k", 100, 64, &[0, 0]));
        // Another launch gets through meanwhile.
        let other = Device::new(&kernel("", "st.global.u32 [%out], 5;"));
        let out = other.buffer32(&[0]);
        other.run("k", 1, 32, &[0, out.address()]).unwrap();
        assert_eq!(out.u32s(), [5]);
        cancel.store(true, Ordering::Relaxed);
        assert_eq!(endless.join().unwrap(), Err(Fault::Cancelled));
    });
}

#[test]
fn launches_that_do_not_fit_are_refused() {
    let device = Device::new(&ptx(
        ".visible .entry k(.param .u64 a) .maxntid 64 { ret; }\n.visible .entry r() .reqntid 8, 4 { ret; }\n",
    ));
    for (kernel, grid, block, shared, params) in [
        ("nothing", [1, 1, 1], [1, 1, 1], 0, &[0u64][..]),
        ("k", [1, 1, 1], [65, 1, 1], 0, &[0]),
        ("k", [0, 1, 1], [1, 1, 1], 0, &[0]),
        ("k", [1, 1, 1], [0, 1, 1], 0, &[0]),
        ("k", [1, 1, 1], [u32::MAX, u32::MAX, 2], 0, &[0]),
        ("k", [1, 1, 1], [1, 1, 1], 1 << 20, &[0]),
        ("k", [1, 1, 1], [1, 1, 1], 0, &[]),
        ("r", [1, 1, 1], [32, 1, 1], 0, &[]),
    ] {
        let r = device.run_with(kernel, grid, block, shared, false, params);
        assert!(
            matches!(r, Err(Fault::InvalidLaunch(_))),
            "{kernel} {grid:?} {block:?}: {r:?}"
        );
    }
    device
        .run_with("r", [1, 1, 1], [8, 4, 1], 0, false, &[])
        .unwrap();
}

#[test]
fn compile_errors_name_kind_and_line() {
    let error = |text: &str| Program::compile(&[text], &CompileOptions::default()).unwrap_err();
    let body = |b: &str| {
        ptx(&format!(
            ".visible .entry k() {{\n.reg .b32 %r<9>;\n.reg .b64 %d<4>;\n.reg .f32 %f<9>;\n.reg .pred %p;\n{b}\nret;\n}}\n"
        ))
    };
    for (instruction, kind) in [
        (
            "wmma.load.a.sync.aligned.row.m16n16k16.shared.f16 {%r0,%r1}, [%r2], %r3;",
            CompileErrorKind::NotSupported,
        ),
        (
            "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%f0,%f1,%f2,%f3}, {%r0,%r1}, {%r2}, {%f0,%f1,%f2,%f3};",
            CompileErrorKind::NotSupported,
        ),
        (
            "tex.2d.v4.f32.f32 {%f0,%f1,%f2,%f3}, [%d0, {%f0,%f1}];",
            CompileErrorKind::NotSupported,
        ),
        (
            "cp.async.bulk.commit_group;",
            CompileErrorKind::NotSupported,
        ),
        ("frobnicate.b32 %r0, %r1;", CompileErrorKind::InvalidPtx),
        ("add.s32 %r0, %r1;", CompileErrorKind::InvalidPtx),
        ("add.s32 %r0, %r1, %r99;", CompileErrorKind::InvalidPtx),
        ("add.s32 %r0, %r1, %r2", CompileErrorKind::InvalidPtx),
        ("add.s32 %p, %r1, %r2;", CompileErrorKind::InvalidPtx),
        ("bra NOWHERE;", CompileErrorKind::InvalidPtx),
        ("call nobody, ();", CompileErrorKind::InvalidPtx),
        ("mov.u64 %d0, nothing;", CompileErrorKind::InvalidPtx),
        ("@%r1 bra X; X:", CompileErrorKind::InvalidPtx),
    ] {
        let e = error(&body(instruction));
        assert_eq!(
            (e.kind, e.line >= 9 && e.line <= 10),
            (kind, true),
            "{instruction}: {e} (line {})",
            e.line
        );
        assert!(e.message.contains(&format!("line {}", e.line)), "{e}");
        if kind == CompileErrorKind::NotSupported {
            assert!(
                e.message
                    .contains(instruction.split(' ').next().unwrap().trim_end_matches(';')),
                "{e}"
            );
        }
    }
    assert_eq!(
        error(".version 10.0\n.target sm_90\n").kind,
        CompileErrorKind::UnsupportedVersion
    );
    assert_eq!(
        error(".version 8.0\n.target gfx90\n").kind,
        CompileErrorKind::UnsupportedVersion
    );
    assert_eq!(
        error(".version 8.0\n.target sm_90\n.address_size 32\n").kind,
        CompileErrorKind::NotSupported
    );
    assert_eq!(error("").kind, CompileErrorKind::InvalidPtx);
    assert_eq!(
        error(&ptx(".visible .entry k() { ret;")).kind,
        CompileErrorKind::InvalidPtx
    );
    assert_eq!(
        error(&ptx(".global .texref t;")).kind,
        CompileErrorKind::NotSupported
    );
    let twice = ptx(".visible .entry k() { ret; }\n.visible .entry k() { ret; }\n");
    assert_eq!(error(&twice).kind, CompileErrorKind::Link);
    compile(&ptx(".visible .entry k() { ret; }\n"));
}
