//! Control flow: block layout, liveness, and register slots.
//!
//! The warp interpreter runs the split that is first in code order, so the order of blocks decides where diverged lanes
//! meet again. Blocks are laid out in reverse post-order, with ways out of a loop visited first and so placed after the
//! whole loop: every join then comes after all ways that lead to it.

use super::ir::{CONST_BIT, Inst, NEGATED_GUARD, NONE, Op, SLOT32, SLOT64, TRUE, mem};
use super::lower::Class;

/// Most blocks for which loops are analysed; beyond, plain reverse post-order is used.
const MAX_LOOP_ANALYSIS: usize = 20_000;
/// Most words of liveness sets; beyond, registers get a slot each.
const MAX_LIVENESS_WORDS: usize = 1 << 26;

/// A function's code before layout: branch targets (`x` of `Bra`, entries of tables) are label numbers.
pub(crate) struct Draft {
    pub code: Vec<Inst>,
    pub lines: Vec<u32>,
    pub lists: Vec<u32>,
    pub tables: Vec<Vec<u32>>,
    /// Instruction that each label stands before.
    pub labels: Vec<u32>,
    /// Classes of virtual registers.
    pub classes: Vec<Class>,
    /// Virtual registers from this number on are temporaries of one PTX instruction.
    pub first_temporary: u32,
}

struct Block {
    first: usize,
    /// One past the last instruction.
    end: usize,
    successors: Vec<usize>,
    /// Block that control falls into, if it can.
    next: Option<usize>,
}

/// Lays out `draft` and assigns slots. Returns the bytes of a register frame.
pub(crate) fn finish(draft: &mut Draft) -> u32 {
    let blocks = split(draft);
    let order = layout(&blocks);
    emit(draft, &blocks, &order);
    let blocks = split(draft);
    assign(draft, &blocks)
}

fn split(draft: &Draft) -> Vec<Block> {
    let n = draft.code.len();
    let mut leader = vec![false; n + 1];
    leader[0] = true;
    for &at in &draft.labels {
        leader[at as usize] = true;
    }
    for (i, inst) in draft.code.iter().enumerate() {
        if matches!(inst.op, Op::Bra | Op::BraIndex | Op::Ret | Op::Exit) {
            leader[i + 1] = true;
        }
    }
    let mut block_of = vec![0; n + 1];
    let mut blocks: Vec<Block> = Vec::new();
    for i in 0..n {
        if leader[i] {
            blocks.push(Block {
                first: i,
                end: i,
                successors: Vec::new(),
                next: None,
            });
        }
        block_of[i] = blocks.len() - 1;
        blocks.last_mut().expect("instruction 0 is a leader").end = i + 1;
    }
    let count = blocks.len();
    for (b, block) in blocks.iter_mut().enumerate() {
        let last = &draft.code[block.end - 1];
        let unconditional = last.guard == TRUE && last.flags & NEGATED_GUARD == 0;
        let falls =
            !(unconditional && matches!(last.op, Op::Bra | Op::BraIndex | Op::Ret | Op::Exit));
        if falls && b + 1 < count {
            block.next = Some(b + 1);
            block.successors.push(b + 1);
        }
        let target = |label: u32| block_of[draft.labels[label as usize] as usize];
        match last.op {
            Op::Bra => block.successors.push(target(last.x as u32)),
            Op::BraIndex => block
                .successors
                .extend(draft.tables[last.x as usize].iter().map(|&l| target(l))),
            _ => {}
        }
        block.successors.sort_unstable();
        block.successors.dedup();
    }
    blocks
}

/// Reverse post-order over the blocks reachable from the first; `rank` lower is visited first and so placed later.
fn post_order(blocks: &[Block], rank: &[u32]) -> Vec<usize> {
    let mut order = Vec::with_capacity(blocks.len());
    let mut seen = vec![false; blocks.len()];
    let mut stack: Vec<(usize, Vec<usize>)> = Vec::new();
    let mut visit = |b: usize, stack: &mut Vec<(usize, Vec<usize>)>| {
        if !std::mem::replace(&mut seen[b], true) {
            // Taken from the end: lowest rank first; of equals, the later in the text.
            let mut successors = blocks[b].successors.clone();
            successors.sort_by_key(|&s| (std::cmp::Reverse(rank[s]), s));
            stack.push((b, successors));
        }
    };
    visit(0, &mut stack);
    while let Some((b, successors)) = stack.last_mut() {
        match successors.pop() {
            Some(s) => visit(s, &mut stack),
            None => {
                order.push(*b);
                stack.pop();
            }
        }
    }
    order.reverse();
    order
}

fn layout(blocks: &[Block]) -> Vec<usize> {
    let plain = vec![0; blocks.len()];
    let order = post_order(blocks, &plain);
    if blocks.len() > MAX_LOOP_ANALYSIS || blocks.len() < 3 {
        return order;
    }
    // Immediate dominators, by the iterative algorithm over reverse post-order.
    let mut number = vec![usize::MAX; blocks.len()];
    for (i, &b) in order.iter().enumerate() {
        number[b] = i;
    }
    let mut predecessors = vec![Vec::new(); blocks.len()];
    for &b in &order {
        for &s in &blocks[b].successors {
            predecessors[s].push(b);
        }
    }
    let mut idom = vec![usize::MAX; order.len()];
    idom[0] = 0;
    let mut changed = true;
    let mut rounds = 0;
    while changed && rounds < 100 {
        changed = false;
        rounds += 1;
        for i in 1..order.len() {
            let mut new = usize::MAX;
            for &p in &predecessors[order[i]] {
                let mut p = number[p];
                if idom[p] == usize::MAX {
                    continue;
                }
                if new == usize::MAX {
                    new = p;
                    continue;
                }
                while p != new {
                    if p > new {
                        p = idom[p];
                    } else {
                        new = idom[new];
                    }
                }
            }
            if new != idom[i] {
                idom[i] = new;
                changed = true;
            }
        }
    }
    // Nesting depth of each block in natural loops.
    let mut depth = vec![0u32; blocks.len()];
    let mut work = 0;
    for (i, &b) in order.iter().enumerate() {
        let mut body = vec![];
        for &s in &blocks[b].successors {
            let header = number[s];
            let mut d = i;
            while d > header {
                d = idom[d];
            }
            if d != header {
                continue;
            }
            let mut inside = vec![false; blocks.len()];
            inside[s] = true;
            body.push(s);
            let mut stack = vec![b];
            while let Some(x) = stack.pop() {
                if !std::mem::replace(&mut inside[x], true) {
                    body.push(x);
                    stack.extend(&predecessors[x]);
                }
            }
        }
        work += body.len() + blocks.len() * usize::from(!body.is_empty());
        for x in body {
            depth[x] += 1;
        }
        if work > 50_000_000 {
            return order;
        }
    }
    post_order(blocks, &depth)
}

/// Rewrites the code in the new order, with explicit jumps where a block no longer falls into its successor, and marks
/// falls into joins.
fn emit(draft: &mut Draft, blocks: &[Block], order: &[usize]) {
    let mut entries = vec![0u32; blocks.len()];
    for &b in order {
        for &s in &blocks[b].successors {
            entries[s] += 1;
        }
    }
    let mut label_of: Vec<u32> = vec![u32::MAX; blocks.len()];
    let mut at_block = vec![usize::MAX; draft.code.len() + 1];
    for (b, block) in blocks.iter().enumerate() {
        at_block[block.first] = b;
    }
    let mut block_of_label = Vec::with_capacity(draft.labels.len());
    for (label, &at) in draft.labels.iter().enumerate() {
        let b = at_block[at as usize];
        block_of_label.push(b);
        if b != usize::MAX {
            label_of[b] = label as u32;
        }
    }
    let mut code = Vec::with_capacity(draft.code.len() + order.len());
    let mut lines = Vec::with_capacity(code.capacity());
    let mut start = vec![0u32; blocks.len()];
    for (i, &b) in order.iter().enumerate() {
        let block = &blocks[b];
        start[b] = code.len() as u32;
        code.extend_from_slice(&draft.code[block.first..block.end]);
        lines.extend_from_slice(&draft.lines[block.first..block.end]);
        let follows = order.get(i + 1).copied();
        let line = lines.last().copied().unwrap_or(0);
        let last = code.last().copied().expect("blocks are not empty");
        let always = last.guard == TRUE && last.flags & NEGATED_GUARD == 0;
        match block.next {
            Some(next) if follows == Some(next) => {
                if entries[next] > 1 && last.op != Op::Bra {
                    code.push(Inst::new(Op::Fall));
                    lines.push(line);
                }
            }
            Some(next) => {
                let label = if label_of[next] != u32::MAX {
                    label_of[next]
                } else {
                    let label = block_of_label.len() as u32;
                    block_of_label.push(next);
                    label_of[next] = label;
                    label
                };
                code.push(Inst {
                    x: u64::from(label),
                    ..Inst::new(Op::Bra)
                });
                lines.push(line);
            }
            None => {
                let target = if last.op == Op::Bra && always {
                    Some(block_of_label[last.x as usize])
                } else {
                    None
                };
                if target.is_some() && target == follows {
                    let join = target.is_some_and(|t| entries[t] > 1);
                    if join {
                        *code.last_mut().expect("it is the jump") = Inst::new(Op::Fall);
                    } else if block.end - block.first > 1 {
                        code.pop();
                        lines.pop();
                    } else {
                        *code.last_mut().expect("it is the jump") = Inst::new(Op::Nop);
                    }
                }
            }
        }
    }
    draft.labels = block_of_label
        .iter()
        .map(|&b| if b == usize::MAX { 0 } else { start[b] })
        .collect();
    draft.code = code;
    draft.lines = lines;
}

/// Calls `f` with every virtual register that the instruction reads, then with those it writes.
fn operands(inst: &Inst, lists: &[u32], mut f: impl FnMut(u32, bool)) {
    let list = inst.list();
    let mut register = |v: u32, def: bool| {
        if v & CONST_BIT == 0 {
            f(v, def);
        }
    };
    for v in [inst.guard, inst.a, inst.b, inst.c, inst.f] {
        register(v, false);
    }
    if let Some((n, def)) = list {
        for &v in &lists[inst.e as usize..inst.e as usize + n] {
            register(v, def);
        }
    } else if inst.e != NONE {
        register(inst.e, true);
    }
    if inst.d != NONE {
        register(inst.d, true);
    }
}

fn assign(draft: &mut Draft, blocks: &[Block]) -> u32 {
    let n = draft.classes.len();
    let words = n.div_ceil(64);
    let mut first = vec![u32::MAX; n];
    let mut last = vec![0u32; n];
    let mut touch = |v: usize, at: u32| {
        first[v] = first[v].min(at);
        last[v] = last[v].max(at);
    };
    for (i, inst) in draft.code.iter().enumerate() {
        // Results are touched at odd positions, after the sources of the same instruction.
        operands(inst, &draft.lists, |v, def| {
            touch(v as usize, 2 * i as u32 + u32::from(def))
        });
    }
    if words.saturating_mul(blocks.len()).saturating_mul(2) <= MAX_LIVENESS_WORDS {
        let mut upward = vec![0u64; words * blocks.len()];
        let mut kill = vec![0u64; words * blocks.len()];
        for (b, block) in blocks.iter().enumerate() {
            let (up, kill) = (
                &mut upward[b * words..][..words],
                &mut kill[b * words..][..words],
            );
            for inst in &draft.code[block.first..block.end] {
                let partial = inst.guard != TRUE;
                operands(inst, &draft.lists, |v, def| {
                    let (w, bit) = (v as usize / 64, 1u64 << (v % 64));
                    if !def || (partial && v < draft.first_temporary) {
                        if kill[w] & bit == 0 {
                            up[w] |= bit;
                        }
                    } else {
                        kill[w] |= bit;
                    }
                });
            }
        }
        // `upward` becomes live-in.
        let mut out = vec![0u64; words];
        let mut changed = true;
        while changed {
            changed = false;
            for b in (0..blocks.len()).rev() {
                out.fill(0);
                for &s in &blocks[b].successors {
                    for (o, &live) in out.iter_mut().zip(&upward[s * words..][..words]) {
                        *o |= live;
                    }
                }
                for w in 0..words {
                    let live = upward[b * words + w] | (out[w] & !kill[b * words + w]);
                    if live != upward[b * words + w] {
                        upward[b * words + w] = live;
                        changed = true;
                    }
                }
            }
        }
        for (b, block) in blocks.iter().enumerate() {
            let mark = |sets: &[u64], at: u32, touch: &mut dyn FnMut(usize, u32)| {
                for (w, &set) in sets.iter().enumerate() {
                    let mut set = set;
                    while set != 0 {
                        touch(w * 64 + set.trailing_zeros() as usize, at);
                        set &= set - 1;
                    }
                }
            };
            mark(
                &upward[b * words..][..words],
                2 * block.first as u32,
                &mut touch,
            );
            for &s in &blocks[b].successors {
                mark(
                    &upward[s * words..][..words],
                    2 * block.end as u32,
                    &mut touch,
                );
            }
        }
    } else {
        for v in 0..n {
            if first[v] != u32::MAX {
                (first[v], last[v]) = (0, u32::MAX);
            }
        }
    }
    // Linear scan, each class in an area of its own, so that two registers share either all of their bytes or none.
    let mut by_start: Vec<u32> = (0..n as u32)
        .filter(|&v| first[v as usize] != u32::MAX)
        .collect();
    by_start.sort_by_key(|&v| first[v as usize]);
    let mut slot = vec![0u32; n];
    let mut used = [0u32; 4];
    let mut free: [Vec<u32>; 4] = Default::default();
    let mut active: [std::collections::BinaryHeap<std::cmp::Reverse<(u32, u32)>>; 4] =
        Default::default();
    for v in by_start {
        let class = draft.classes[v as usize] as usize;
        while let Some(&std::cmp::Reverse((end, s))) = active[class].peek() {
            if end >= first[v as usize] {
                break;
            }
            active[class].pop();
            free[class].push(s);
        }
        let s = free[class].pop().unwrap_or_else(|| {
            used[class] += 1;
            used[class] - 1
        });
        slot[v as usize] = s;
        active[class].push(std::cmp::Reverse((last[v as usize], s)));
    }
    let base32 = (4 * used[Class::Pred as usize]).next_multiple_of(64);
    let base64 = base32 + SLOT32 * used[Class::R32 as usize];
    let base128 = base64 + SLOT64 * used[Class::R64 as usize];
    let bytes = base128 + 2 * SLOT64 * used[Class::R128 as usize];
    let offset = |v: u32| {
        if v & CONST_BIT != 0 {
            return v;
        }
        let s = slot[v as usize];
        match draft.classes[v as usize] {
            Class::Pred => 4 * s,
            Class::R32 => base32 + SLOT32 * s,
            Class::R64 => base64 + SLOT64 * s,
            Class::R128 => base128 + 2 * SLOT64 * s,
        }
    };
    for v in &mut draft.lists {
        *v = offset(*v);
    }
    for inst in &mut draft.code {
        let is_list = inst.list().is_some();
        for v in [
            &mut inst.guard,
            &mut inst.a,
            &mut inst.b,
            &mut inst.c,
            &mut inst.f,
            &mut inst.d,
        ] {
            *v = offset(*v);
        }
        if !is_list {
            inst.e = offset(inst.e);
        }
        match inst.op {
            Op::Bra => inst.x = u64::from(draft.labels[inst.x as usize]),
            Op::Load | Op::Store if inst.flags & mem::SPACE == mem::PARAM << mem::SPACE_SHIFT => {}
            _ => {}
        }
    }
    for label in draft.tables.iter_mut().flatten() {
        *label = draft.labels[*label as usize];
    }
    bytes.max(64)
}
