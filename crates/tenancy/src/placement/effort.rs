//! What deciding takes, counted: for tests of what it costs, which cannot go by time.

use std::cell::Cell;

/// What has been done to decide something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Effort {
    /// How often two demands that wait were compared.
    pub compared: u64,
    /// For how many demands it was looked where they have room.
    pub looked: u64,
}

thread_local! {
    static SO_FAR: Cell<Effort> = const {
        Cell::new(Effort {
            compared: 0,
            looked: 0,
        })
    };
}

/// What `decide` takes.
pub fn of<T>(decide: impl FnOnce() -> T) -> (T, Effort) {
    SO_FAR.set(Effort::default());
    let decided = decide();
    (decided, SO_FAR.get())
}

pub fn compared() {
    let effort = SO_FAR.get();
    SO_FAR.set(Effort {
        compared: effort.compared + 1,
        ..effort
    });
}

pub fn looked() {
    let effort = SO_FAR.get();
    SO_FAR.set(Effort {
        looked: effort.looked + 1,
        ..effort
    });
}
