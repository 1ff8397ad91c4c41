//! Modules, libraries and the linker through the device's table.

mod common;

use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr::{null, null_mut};

use common::driver::*;
use common::ptx;
use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;

const NOT_FOUND: CUresult = CUresult::CUDA_ERROR_NOT_FOUND;

fn named(ask: impl Fn(*mut *const c_char) -> CUresult) -> String {
    let mut name = null();
    assert_eq!(ask(&mut name), OK);
    // SAFETY: CUDA answers a text that lives as long as its function.
    unsafe { CStr::from_ptr(name) }.to_str().unwrap().to_owned()
}

#[test]
fn modules_list_their_functions() {
    let _device = device();
    let text = ptx(ADD);
    let module = module(&text);
    let mut count = 0;
    good!(cuModuleGetFunctionCount(&mut count, module));
    assert_eq!(count, 2);
    let mut functions = [null_mut(); 4];
    good!(cuModuleEnumerateFunctions(
        functions.as_mut_ptr(),
        4,
        module
    ));
    assert!(functions[2].is_null() && functions[3].is_null());
    let mut names: Vec<String> = functions[..2]
        .iter()
        .map(|f| named(|place| call!(cuFuncGetName(place, *f))))
        .collect();
    names.sort();
    assert_eq!(names, ["add", "die"]);
    for f in &functions[..2] {
        let mut owner = null_mut();
        good!(cuFuncGetModule(&mut owner, *f));
        assert_eq!(owner, module);
        let mut state = CUfunctionLoadingState(7);
        good!(cuFuncLoad(*f));
        good!(cuFuncIsLoaded(&mut state, *f));
        assert_eq!(
            state,
            CUfunctionLoadingState::CU_FUNCTION_LOADING_STATE_LOADED
        );
        let name = named(|place| call!(cuFuncGetName(place, *f)));
        assert_eq!(function(module, &name), *f, "the same handle by its name");
    }
    good!(cuModuleUnload(module));
    let mut name = null();
    assert_ne!(call!(cuFuncGetName(&mut name, functions[0])), OK);
    assert_ne!(call!(cuFuncLoad(functions[0])), OK);
}

#[test]
fn libraries_list_their_kernels_and_managed_variables() {
    let _device = device();
    let body = format!("{ADD} .visible .global .attribute(.managed) .u32 shared_by_both = 5;");
    let text = CString::new(ptx(&body)).unwrap();
    let mut library = null_mut();
    good!(cuLibraryLoadData(
        &mut library,
        text.as_ptr().cast(),
        null_mut(),
        null_mut(),
        0,
        null_mut(),
        null_mut(),
        0
    ));
    let mut count = 0;
    good!(cuLibraryGetKernelCount(&mut count, library));
    assert_eq!(count, 2);
    let mut kernels = [null_mut(); 2];
    good!(cuLibraryEnumerateKernels(kernels.as_mut_ptr(), 2, library));
    for kernel in kernels {
        let mut owner = null_mut();
        good!(cuKernelGetLibrary(&mut owner, kernel));
        assert_eq!(owner, library);
        let name = named(|place| call!(cuKernelGetName(place, kernel)));
        assert!(name == "add" || name == "die", "{name}");
    }
    let (mut at, mut len) = (0, 0);
    good!(cuLibraryGetManaged(
        &mut at,
        &mut len,
        library,
        c"shared_by_both".as_ptr()
    ));
    assert_eq!((download(at, 4), len), (vec![5, 0, 0, 0], 4));
    // Older runtimes find it as any other variable, and ask what it is.
    let mut module = null_mut();
    good!(cuLibraryGetModule(&mut module, library));
    for (name, is) in [(c"shared_by_both", 1), (c"variable", 0)] {
        good!(cuModuleGetGlobal_v2(
            &mut at,
            &mut len,
            module,
            name.as_ptr()
        ));
        let mut managed = 7u32;
        good!(cuPointerGetAttribute(
            (&raw mut managed).cast(),
            CUpointer_attribute::CU_POINTER_ATTRIBUTE_IS_MANAGED,
            at
        ));
        assert_eq!(managed, is, "{name:?}");
    }
    assert_eq!(
        call!(cuLibraryGetManaged(
            &mut at,
            &mut len,
            library,
            c"variable".as_ptr()
        )),
        NOT_FOUND
    );
    let mut unified = null_mut();
    assert_eq!(
        call!(cuLibraryGetUnifiedFunction(
            &mut unified,
            library,
            c"add".as_ptr()
        )),
        NOT_FOUND
    );
    good!(cuLibraryUnload(library));
}

const CALLER: &str = ".extern .func (.param .b32 r) twice (.param .b32 v);
    .extern .global .u32 offset;
    .visible .entry use_both(.param .u64 at) {
    .reg .b64 %p; .reg .b32 %v, %o;
    ld.param.u64 %p, [at]; ld.global.u32 %v, [%p];
    { .param .b32 a; .param .b32 b; st.param.b32 [a], %v; call.uni (b), twice, (a); ld.param.b32 %v, [b]; }
    ld.global.u32 %o, [offset]; add.u32 %v, %v, %o; st.global.u32 [%p], %v; ret; }";
const CALLEE: &str = ".visible .global .u32 offset = 1000;
    .visible .func (.param .b32 r) twice (.param .b32 v) {
    .reg .b32 %v; ld.param.b32 %v, [v]; add.u32 %v, %v, %v; st.param.b32 [r], %v; ret; }";

fn add_text(link: CUlinkState, text: &str) -> CUresult {
    let text = CString::new(text).unwrap();
    let kind = CUjitInputType::CU_JIT_INPUT_PTX;
    let bytes = text.as_bytes_with_nul();
    let data = bytes.as_ptr().cast_mut().cast::<c_void>();
    call!(cuLinkAddData_v2(
        link,
        kind,
        data,
        bytes.len(),
        c"part".as_ptr(),
        0,
        null_mut(),
        null_mut()
    ))
}

#[test]
fn texts_are_linked_into_one_image() {
    let _device = device();
    let mut link = null_mut();
    good!(cuLinkCreate_v2(0, null_mut(), null_mut(), &mut link));
    assert_eq!(add_text(link, &ptx(CALLER)), OK);
    // The other from a file.
    let path = std::env::temp_dir().join(format!("pillion-{}.ptx", std::process::id()));
    std::fs::write(&path, ptx(CALLEE)).unwrap();
    let name = CString::new(path.to_str().unwrap()).unwrap();
    let kind = CUjitInputType::CU_JIT_INPUT_PTX;
    good!(cuLinkAddFile_v2(
        link,
        kind,
        name.as_ptr(),
        0,
        null_mut(),
        null_mut()
    ));
    std::fs::remove_file(&path).unwrap();
    let missing = call!(cuLinkAddFile_v2(
        link,
        kind,
        name.as_ptr(),
        0,
        null_mut(),
        null_mut()
    ));
    assert_eq!(missing, CUresult::CUDA_ERROR_FILE_NOT_FOUND);
    let (mut image, mut len) = (null_mut(), 0);
    good!(cuLinkComplete(link, &mut image, &mut len));
    // A copy of the image outlives the link.
    // SAFETY: CUDA answers that many bytes, which live until the link is destroyed.
    let image = unsafe { std::slice::from_raw_parts(image.cast::<u8>(), len) }.to_vec();
    good!(cuLinkDestroy(link));
    let mut module = null_mut();
    good!(cuModuleLoadData(&mut module, image.as_ptr().cast()));
    let mut at = upload(&21u32.to_le_bytes());
    let kernel = function(module, "use_both");
    let mut params = [(&raw mut at).cast::<c_void>()];
    let s = stream(1);
    good!(cuLaunchKernel(
        kernel,
        1,
        1,
        1,
        1,
        1,
        1,
        0,
        s,
        params.as_mut_ptr(),
        null_mut()
    ));
    good!(cuStreamSynchronize(s));
    assert_eq!(download(at, 4), 1042u32.to_le_bytes());
    good!(cuModuleUnload(module));
    good!(cuStreamDestroy_v2(s));
    good!(cuMemFree_v2(at));
}

#[test]
fn links_say_what_they_lack() {
    let _device = device();
    let mut log = [0u8; 300];
    let mut options = [
        CUjit_option::CU_JIT_ERROR_LOG_BUFFER,
        CUjit_option::CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES,
    ];
    let mut values: [*mut c_void; 2] = [log.as_mut_ptr().cast(), log.len() as *mut c_void];
    let mut link = null_mut();
    good!(cuLinkCreate_v2(
        2,
        options.as_mut_ptr(),
        values.as_mut_ptr(),
        &mut link
    ));
    assert_eq!(add_text(link, &ptx(CALLER)), OK);
    let (mut image, mut len) = (null_mut(), 0);
    assert_ne!(call!(cuLinkComplete(link, &mut image, &mut len)), OK);
    let said = String::from_utf8_lossy(&log).into_owned();
    assert!(said.contains("twice") || said.contains("offset"), "{said}");
    good!(cuLinkDestroy(link));
    assert_ne!(call!(cuLinkDestroy(link)), OK);
    good!(cuLinkCreate_v2(0, null_mut(), null_mut(), &mut link));
    let mut cubin = *b"\x7fELF............";
    let got = call!(cuLinkAddData_v2(
        link,
        CUjitInputType::CU_JIT_INPUT_CUBIN,
        cubin.as_mut_ptr().cast(),
        cubin.len(),
        c"cubin".as_ptr(),
        0,
        null_mut(),
        null_mut()
    ));
    assert_ne!(got, OK);
    assert_eq!(add_text(null_mut(), &ptx(CALLER)), BAD_HANDLE);
    good!(cuLinkDestroy(link));
}
