//! Resolves symbols across sources, lays out shared memory and parameters, and lowers every function.

use std::collections::{HashMap, HashSet};

use super::ast::{
    Body, FunctionDef, InitValue, Linkage, Operand, Source, Statement, VarSpace, Variable,
};
use super::ir::{Builtin, Function, Piece, Target};
use super::lower::{self, Scope, Symbol};
use super::parser::Problem;
use super::program::{
    CompileError, CompileErrorKind, CompileOptions, Global, Kernel, Param, Program, Relocation,
    RelocationTarget, Space,
};
use super::{MAX_PARAM_BYTES, MAX_SHARED_BYTES};

/// A function with a body, and the source that it is in.
struct Definition<'s, 'a> {
    source: usize,
    def: &'s FunctionDef<'a>,
    body: &'s Body<'a>,
}

struct Linker<'s, 'a> {
    sources: &'s [Source<'a>],
    /// Names of each source.
    local: Vec<HashMap<&'a str, Symbol>>,
    functions: Vec<Definition<'s, 'a>>,
    globals: Vec<Global>,
    /// Variables whose initial values have to be resolved: index, source, declaration.
    initial: Vec<(usize, usize, &'s Variable<'a>)>,
    /// Shared variables outside kernels: end of each, by offset.
    shared_end: HashMap<u32, u32>,
    /// Shared variables in bodies, by function and name.
    body_shared: Vec<HashMap<&'a str, u32>>,
}

/// Links parsed sources into a program.
pub(crate) fn link(
    sources: &[Source<'_>],
    options: &CompileOptions,
) -> Result<Program, CompileError> {
    let mut linker = Linker {
        sources,
        local: vec![HashMap::new(); sources.len()],
        functions: Vec::new(),
        globals: Vec::new(),
        initial: Vec::new(),
        shared_end: HashMap::new(),
        body_shared: Vec::new(),
    };
    linker.symbols(options)?;
    linker.initial_values()?;
    linker.program()
}

impl<'s, 'a> Linker<'s, 'a> {
    fn symbols(&mut self, options: &CompileOptions) -> Result<(), CompileError> {
        let sources = self.sources;
        // Names that other sources can see, with whether a strong definition made them.
        let mut public: HashMap<&'a str, (Symbol, bool)> = HashMap::new();
        let mut shared = 0u64;
        let mut bytes = 0u64;
        for (s, source) in sources.iter().enumerate() {
            for v in &source.variables {
                let at = |p: Problem| p.located(s);
                if v.linkage == Linkage::Extern && !(v.space == VarSpace::Shared && v.size == 0) {
                    continue;
                }
                let external = v.linkage != Linkage::Internal;
                let strong = v.linkage == Linkage::Visible;
                if let Some(&(earlier, was_strong)) = public.get(v.name).filter(|_| external) {
                    if strong && was_strong {
                        return Err(at(duplicate(v.name, v.line)));
                    }
                    // A weak or common definition yields to the one that is there.
                    if !strong || matches!(v.space, VarSpace::Shared) {
                        self.local[s].insert(v.name, earlier);
                        continue;
                    }
                    // A strong one replaces the weak variable in place.
                    if let Symbol::Global(g) = earlier {
                        self.globals[g as usize] = global_of(v);
                        self.initial.retain(|(i, ..)| *i != g as usize);
                        self.initial.push((g as usize, s, v));
                        public.insert(v.name, (earlier, true));
                        self.local[s].insert(v.name, earlier);
                        continue;
                    }
                }
                let symbol = match v.space {
                    VarSpace::Global | VarSpace::Const => {
                        bytes = bytes.saturating_add(v.size);
                        if bytes > options.max_global_bytes {
                            let message = format!(
                                "variables exceed the limit of {} bytes",
                                options.max_global_bytes
                            );
                            return Err(at(Problem::new(
                                CompileErrorKind::TooLarge,
                                v.line,
                                message,
                            )));
                        }
                        self.globals.push(global_of(v));
                        self.initial.push((self.globals.len() - 1, s, v));
                        Symbol::Global(self.globals.len() as u32 - 1)
                    }
                    VarSpace::Shared if v.size == 0 => Symbol::DynamicShared,
                    VarSpace::Shared => {
                        let offset = shared.next_multiple_of(v.align.max(1));
                        shared = offset + v.size;
                        if shared > u64::from(MAX_SHARED_BYTES) * 64 {
                            let message = "too much static shared memory".to_owned();
                            return Err(at(Problem::new(
                                CompileErrorKind::TooLarge,
                                v.line,
                                message,
                            )));
                        }
                        self.shared_end.insert(offset as u32, shared as u32);
                        Symbol::Shared(offset as u32)
                    }
                    _ => {
                        let message = format!(
                            "variable '{}' in this state space cannot stand outside functions",
                            v.name
                        );
                        return Err(at(Problem::invalid(v.line, message)));
                    }
                };
                if self.local[s].insert(v.name, symbol).is_some() {
                    return Err(at(duplicate(v.name, v.line)));
                }
                if external {
                    public.insert(v.name, (symbol, strong));
                }
            }
            for def in &source.functions {
                let Some(body) = &def.body else { continue };
                let external = def.linkage != Linkage::Internal || def.entry;
                let strong = def.linkage != Linkage::Weak;
                if let Some(&(earlier, was_strong)) = public.get(def.name).filter(|_| external) {
                    if strong && was_strong {
                        return Err(duplicate(def.name, def.line).located(s));
                    }
                    if let (true, Symbol::Function(f)) = (strong, earlier) {
                        self.functions[f as usize] = Definition {
                            source: s,
                            def,
                            body,
                        };
                        public.insert(def.name, (earlier, true));
                    }
                    self.local[s].insert(def.name, earlier);
                    continue;
                }
                let symbol = Symbol::Function(self.functions.len() as u32);
                self.functions.push(Definition {
                    source: s,
                    def,
                    body,
                });
                if self.local[s].insert(def.name, symbol).is_some() {
                    return Err(duplicate(def.name, def.line).located(s));
                }
                if external {
                    public.insert(def.name, (symbol, strong));
                }
            }
        }
        for (s, source) in sources.iter().enumerate() {
            let declared = source
                .variables
                .iter()
                .map(|v| v.name)
                .chain(source.functions.iter().map(|f| f.name));
            for name in declared {
                if !self.local[s].contains_key(name) {
                    let symbol = public.get(name).map(|&(symbol, _)| symbol);
                    let symbol = symbol.or_else(|| Builtin::parse(name).map(Symbol::Builtin));
                    self.local[s].insert(name, symbol.unwrap_or(Symbol::Unresolved));
                }
            }
            for &(alias, target, line) in &source.aliases {
                match self.local[s].get(target) {
                    Some(&symbol) => {
                        self.local[s].insert(alias, symbol);
                    }
                    None => {
                        return Err(
                            Problem::invalid(line, format!("alias of unknown '{target}'"))
                                .located(s),
                        );
                    }
                }
            }
        }
        // Shared variables in the bodies of device functions have one place in every kernel, as those outside functions.
        for d in &self.functions {
            let mut names = HashMap::new();
            if !d.def.entry {
                for v in shared_variables(d.body) {
                    let offset = shared.next_multiple_of(v.align.max(1));
                    shared = offset.saturating_add(v.size);
                    if shared > u64::from(MAX_SHARED_BYTES) * 64 {
                        let message = "too much static shared memory".to_owned();
                        return Err(Problem::new(CompileErrorKind::TooLarge, v.line, message)
                            .located(d.source));
                    }
                    self.shared_end.insert(offset as u32, shared as u32);
                    names.insert(v.name, offset as u32);
                }
            }
            self.body_shared.push(names);
        }
        Ok(())
    }

    fn initial_values(&mut self) -> Result<(), CompileError> {
        for &(g, s, v) in &self.initial {
            let mut init = Vec::new();
            let mut relocations = Vec::new();
            for piece in &v.init {
                match &piece.value {
                    InitValue::Bits(bits) => {
                        let (start, size) = (piece.offset as usize, piece.size as usize);
                        if init.len() < start + size {
                            init.resize(start + size, 0);
                        }
                        init[start..start + size].copy_from_slice(&bits.to_le_bytes()[..size]);
                    }
                    InitValue::Symbol {
                        name,
                        addend,
                        shift,
                    } => {
                        let target = match self.local[s].get(name) {
                            Some(Symbol::Global(g)) => RelocationTarget::Global(*g),
                            Some(Symbol::Function(f)) => RelocationTarget::Function(*f),
                            Some(Symbol::Unresolved) => {
                                let message = format!("unresolved extern symbol '{name}'");
                                return Err(Problem::new(CompileErrorKind::Link, v.line, message)
                                    .located(s));
                            }
                            _ => {
                                let message = format!("'{name}' cannot be in an initial value");
                                return Err(Problem::invalid(v.line, message).located(s));
                            }
                        };
                        let (offset, size) = (piece.offset, piece.size);
                        relocations.push(Relocation {
                            offset,
                            size,
                            target,
                            addend: *addend,
                            shift: *shift,
                        });
                    }
                }
            }
            // Trailing zeros are what memory holds anyway.
            let used = init.iter().rposition(|&b| b != 0).map_or(0, |n| n + 1);
            init.truncate(used);
            self.globals[g].init = init;
            self.globals[g].relocations = relocations;
        }
        Ok(())
    }

    fn program(mut self) -> Result<Program, CompileError> {
        let reach = self.reach();
        let const_bytes = self
            .globals
            .iter()
            .filter(|g| g.space == Space::Const)
            .map(|g| g.size)
            .sum::<u64>();
        let mut functions: Vec<Function> = Vec::with_capacity(self.functions.len());
        let mut kernels = Vec::new();
        let mut kernel_names = HashMap::new();
        let mut first_site = 0u32;
        for (f, d) in self.functions.iter().enumerate() {
            let at = |p: Problem| p.located(d.source);
            let mut parameters = Vec::new();
            let mut static_shared = reach[f];
            let mut shared_align = 16u64;
            if d.def.entry {
                let mut end = 0u64;
                for v in &d.def.params {
                    let offset = end.next_multiple_of(v.align.clamp(1, 128));
                    end = offset.saturating_add(v.size);
                    if end > u64::from(MAX_PARAM_BYTES) {
                        let message = format!(
                            "parameters of '{}' exceed {MAX_PARAM_BYTES} bytes",
                            d.def.name
                        );
                        return Err(at(Problem::invalid(v.line, message)));
                    }
                    parameters.push(Piece {
                        offset: offset as u32,
                        size: v.size as u32,
                    });
                }
                let mut end = u64::from(static_shared);
                for v in shared_variables(d.body) {
                    let offset = end.next_multiple_of(v.align.max(1));
                    end = offset.saturating_add(v.size);
                    if end > u64::from(MAX_SHARED_BYTES) {
                        break;
                    }
                    self.body_shared[f].insert(v.name, offset as u32);
                }
                if end > u64::from(MAX_SHARED_BYTES) {
                    let message = format!(
                        "function '{}' uses too much shared data ({end:#x} bytes, {MAX_SHARED_BYTES:#x} max)",
                        d.def.name
                    );
                    return Err(at(Problem::invalid(d.def.line, message)));
                }
                static_shared = end as u32;
                for v in self.sources.iter().flat_map(|s| &s.variables) {
                    if v.space == VarSpace::Shared && v.size == 0 {
                        shared_align = shared_align.max(v.align);
                    }
                }
            }
            let scope = FunctionScope {
                names: &self.local[d.source],
                shared: &self.body_shared[f],
            };
            let mut function = lower::lower(d.def, d.body, &scope, &parameters).map_err(at)?;
            function.static_shared = static_shared;
            function.dynamic_shared_base =
                u64::from(static_shared).next_multiple_of(shared_align) as u32;
            function.first_site = first_site;
            first_site = first_site.saturating_add(function.sites);
            if d.def.entry {
                let params: Vec<Param> = (d.def.params.iter().zip(&parameters))
                    .map(|(v, p)| Param {
                        offset: p.offset,
                        size: p.size,
                        align: v.align as u32,
                    })
                    .collect();
                let registers = (function.frame_bytes / super::ir::SLOT32).clamp(16, 255);
                kernel_names.insert(d.def.name.to_owned(), kernels.len() as u32);
                kernels.push(Kernel {
                    name: d.def.name.to_owned(),
                    param_bytes: params.last().map_or(0, |p| p.offset + p.size),
                    params,
                    static_shared_bytes: static_shared,
                    dynamic_shared_align: shared_align as u32,
                    local_bytes: function.local_bytes,
                    const_bytes: const_bytes.min(u64::from(u32::MAX)) as u32,
                    max_threads: d.def.max_threads.unwrap_or(1024),
                    required_block: d.def.required_block,
                    registers,
                    ptx_version: self.sources[d.source].target,
                    function: f as u32,
                });
            }
            functions.push(function);
        }
        self.check_calls(&functions)?;
        let reserved_shared = functions.iter().any(|f| f.reserved_shared);
        let mut global_names = HashMap::new();
        for (g, global) in self.globals.iter_mut().enumerate() {
            // The first of several file-local variables of one name is the one that can be found.
            global.visible = !global_names.contains_key(&global.name);
            global_names.entry(global.name.clone()).or_insert(g as u32);
        }
        Ok(Program {
            kernels,
            kernel_names,
            globals: self.globals,
            global_names,
            functions,
            sites: first_site,
            reserved_shared,
        })
    }

    /// Bytes of the common shared area that each function needs, with all that it can call.
    fn reach(&self) -> Vec<u32> {
        let n = self.functions.len();
        let mut need = vec![0u32; n];
        if self.shared_end.is_empty() {
            return need;
        }
        let mut calls: Vec<HashSet<u32>> = vec![HashSet::new(); n];
        let mut indirect = vec![false; n];
        for (f, d) in self.functions.iter().enumerate() {
            for offset in self.body_shared[f].values() {
                need[f] = need[f].max(self.shared_end.get(offset).copied().unwrap_or(0));
            }
            let mut name = |name: &str| match self.local[d.source].get(name) {
                Some(Symbol::Shared(offset)) => need[f] = need[f].max(self.shared_end[offset]),
                Some(Symbol::Function(g)) => {
                    calls[f].insert(*g);
                }
                _ => {}
            };
            for statement in &d.body.statements {
                let Statement::Instruction(i) = statement else {
                    continue;
                };
                for operand in &i.operands {
                    names(operand, &mut name);
                }
                if i.op == "call"
                    && i.operands
                        .iter()
                        .any(|o| matches!(o, Operand::Name(n) if n.starts_with('%')))
                {
                    indirect[f] = true;
                }
            }
        }
        let everything = need.iter().copied().max().unwrap_or(0);
        let mut changed = true;
        while changed {
            changed = false;
            for f in 0..n {
                let mut most = if indirect[f] { everything } else { need[f] };
                for &g in &calls[f] {
                    most = most.max(need[g as usize]);
                }
                if most > need[f] {
                    need[f] = most;
                    changed = true;
                }
            }
        }
        need
    }

    /// Direct calls have to fit what they call: the interpreter copies arguments without asking again.
    fn check_calls(&self, functions: &[Function]) -> Result<(), CompileError> {
        for (f, function) in functions.iter().enumerate() {
            for site in &function.calls {
                let Target::Function(callee) = site.target else {
                    continue;
                };
                let callee = &functions[callee as usize];
                if !callee.callable
                    || site.args.len() != callee.params.len()
                    || site.results.len() > callee.results.len()
                {
                    let message = format!(
                        "'{}' calls '{}' with the wrong parameters",
                        function.name, callee.name
                    );
                    return Err(
                        Problem::invalid(function.line, message).located(self.functions[f].source)
                    );
                }
            }
        }
        Ok(())
    }
}

struct FunctionScope<'m, 'a> {
    names: &'m HashMap<&'a str, Symbol>,
    shared: &'m HashMap<&'a str, u32>,
}

impl Scope for FunctionScope<'_, '_> {
    fn symbol(&self, name: &str) -> Option<Symbol> {
        self.names.get(name).copied()
    }

    fn body_shared(&self, name: &str) -> Option<u32> {
        self.shared.get(name).copied()
    }
}

fn shared_variables<'s, 'a>(body: &'s Body<'a>) -> impl Iterator<Item = &'s Variable<'a>> {
    body.statements.iter().filter_map(|s| match s {
        Statement::Variable(v) if v.space == VarSpace::Shared => Some(v),
        _ => None,
    })
}

fn global_of(v: &Variable<'_>) -> Global {
    Global {
        name: v.name.to_owned(),
        size: v.size,
        align: v.align.max(1),
        space: if v.space == VarSpace::Const {
            Space::Const
        } else {
            Space::Global
        },
        visible: true,
        managed: v.managed,
        init: Vec::new(),
        relocations: Vec::new(),
    }
}

fn duplicate(name: &str, line: u32) -> Problem {
    Problem::new(
        CompileErrorKind::Link,
        line,
        format!("'{name}' is defined twice"),
    )
}

/// Calls `f` with every name in an operand.
fn names(operand: &Operand<'_>, f: &mut dyn FnMut(&str)) {
    match operand {
        Operand::Name(n) | Operand::NameOffset(n, _) | Operand::Memory(Some(n), _) => f(n),
        Operand::Negated(inner) => names(inner, f),
        Operand::Vector(items) | Operand::List(items) => items.iter().for_each(|o| names(o, f)),
        Operand::Pair(a, b) => {
            names(a, f);
            names(b, f);
        }
        _ => {}
    }
}
