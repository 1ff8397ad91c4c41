//! User objects: things of the program that graphs keep alive, destroyed with their last reference.

use std::collections::HashMap;
use std::ffi::{c_uint, c_void};
use std::sync::{Arc, Weak};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;

use super::{Answer, INVALID, USER_OBJECT, alive, device, functions, in_program, name, write};

/// Calls the program's destructor when it is dropped, which must not be while the device's state is locked.
pub struct UserObject {
    destroy: unsafe extern "C" fn(*mut c_void),
    data: u64,
}

impl Drop for UserObject {
    fn drop(&mut self) {
        // SAFETY: the program gave the destructor to be called once, by any thread.
        in_program(|| unsafe { (self.destroy)(self.data as *mut c_void) });
    }
}

/// References to one object that somebody owns.
#[derive(Clone)]
pub struct Held {
    _object: Arc<UserObject>,
    count: u32,
}

/// References by the object's handle.
pub type References = HashMap<u64, Held>;

/// Every object that lives.
#[derive(Default)]
pub struct UserObjects {
    all: HashMap<u64, Weak<UserObject>>,
    /// The references that the program owns itself.
    program: References,
}

impl UserObjects {
    fn find(&self, handle: u64) -> Answer<Arc<UserObject>> {
        self.all.get(&handle).and_then(Weak::upgrade).ok_or(INVALID)
    }

    /// Gives references to an owner: new ones, or some of the program's.
    pub fn give(&mut self, owner: &mut References, handle: u64, count: u32, flags: u32) -> Answer {
        counted(count)?;
        let object = self.find(handle)?;
        match flags {
            0 => add(owner, handle, object, count),
            _ if flags == CUuserObjectRetain_flags::CU_GRAPH_USER_OBJECT_MOVE.0 => {
                // Never the last reference: the owner gets as many.
                take(&mut self.program, handle, count)?;
                add(owner, handle, object, count)
            }
            _ => Err(INVALID),
        }
    }
}

/// Adds references to those that an owner has.
fn add(owner: &mut References, handle: u64, object: Arc<UserObject>, count: u32) -> Answer {
    let held = owner.entry(handle).or_insert(Held {
        _object: object,
        count: 0,
    });
    held.count = held.count.checked_add(count).ok_or(INVALID)?;
    Ok(())
}

/// Takes references away. What is answered must be dropped after the state is unlocked.
pub fn take(owner: &mut References, handle: u64, count: u32) -> Answer<Option<Held>> {
    let held = owner.get_mut(&handle).ok_or(INVALID)?;
    held.count = held.count.checked_sub(count).ok_or(INVALID)?;
    Ok(if held.count == 0 {
        owner.remove(&handle)
    } else {
        None
    })
}

fn counted(count: c_uint) -> Answer {
    if (1..=i32::MAX as u32).contains(&count) {
        Ok(())
    } else {
        Err(INVALID)
    }
}

functions! {
    cuUserObjectCreate(place: *mut CUuserObject, data: *mut c_void, destroy: CUhostFn, count: c_uint, flags: c_uint) {
        counted(count)?;
        let destroy = destroy.ok_or(INVALID)?;
        if place.is_null() || flags != CUuserObject_flags::CU_USER_OBJECT_NO_DESTRUCTOR_SYNC.0 {
            return Err(INVALID);
        }
        let handle = name(USER_OBJECT);
        let object = Arc::new(UserObject { destroy, data: data as u64 });
        let mut state = alive()?.state();
        let objects = &mut state.user_objects;
        objects.all.retain(|_, object| object.strong_count() > 0);
        objects.all.insert(handle, Arc::downgrade(&object));
        objects.program.insert(handle, Held { _object: object, count });
        write(place, handle as CUuserObject)
    }
    cuUserObjectRetain(object: CUuserObject, count: c_uint) {
        counted(count)?;
        let mut state = device()?.state();
        let found = state.user_objects.find(object as u64)?;
        add(&mut state.user_objects.program, object as u64, found, count)
    }
    cuUserObjectRelease(object: CUuserObject, count: c_uint) {
        counted(count)?;
        // In two statements, so that the state is unlocked when the object is dropped.
        let last = take(&mut device()?.state().user_objects.program, object as u64, count)?;
        drop(last);
        Ok(())
    }
}
