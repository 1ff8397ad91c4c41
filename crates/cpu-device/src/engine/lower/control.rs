//! Branches, calls, barriers and warp-level operations.

use super::*;

impl<'a> Lower<'a, '_> {
    /// Lowers the instruction if it is one of these; `false` if not.
    pub(super) fn control(&mut self, i: &Instruction<'a>) -> Result<bool> {
        match i.op {
            "bra" => {
                self.arity(i, 1..=1)?;
                let Operand::Name(name) = i.operands[0] else {
                    return Err(self.invalid("branch to no label"));
                };
                let label = self.label(name)?;
                self.emit(Inst {
                    x: u64::from(label),
                    ..Inst::new(Op::Bra)
                });
            }
            "brx" => self.branch_index(i)?,
            "call" => self.call(i)?,
            "ret" => self.ret(),
            "exit" => self.emit(Inst::new(Op::Exit)),
            "trap" => self.emit(Inst::new(Op::Trap)),
            // Without a debugger a breakpoint has no effect; events go to a profiler that is not there.
            "brkpt" | "pmevent" | "griddepcontrol" | "setmaxnreg" => {}
            "nanosleep" => self.emit(Inst::new(Op::Pause)),
            "bar" | "barrier" => self.barrier(i)?,
            "vote" => self.vote(i)?,
            "shfl" => self.shuffle(i)?,
            "match" => self.match_lanes(i)?,
            "redux" => self.redux(i)?,
            "activemask" => {
                self.arity(i, 1..=1)?;
                let out = self.result(&i.operands[0], 32)?;
                self.emit(Inst {
                    d: out.d,
                    ..Inst::new(Op::ActiveMask)
                });
                self.finish(out, false)?;
            }
            "elect" => {
                self.arity(i, 2..=2)?;
                let (d, p) = match &i.operands[0] {
                    Operand::Pair(d, p) => ((**d).clone(), (**p).clone()),
                    p => (Operand::Sink, p.clone()),
                };
                let c = self.source(&i.operands[1], 32)?;
                let out = self.result(&d, 32)?;
                let p = self.result(&p, 1)?;
                self.emit(Inst {
                    d: out.d,
                    e: p.d,
                    c,
                    ..Inst::new(Op::Elect)
                });
                self.finish(out, false)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn branch_index(&mut self, i: &Instruction<'a>) -> Result<()> {
        self.arity(i, 2..=2)?;
        let Operand::Name(name) = i.operands[1] else {
            return Err(self.invalid("brx.idx without a target list"));
        };
        let list = self
            .scopes
            .iter()
            .rev()
            .find_map(|(scope, _)| self.targets.get(&(*scope, name)))
            .cloned();
        let Some(list) = list else {
            return Err(self.invalid(format!("unknown target list '{name}'")));
        };
        let mut table = Vec::with_capacity(list.len());
        for label in list {
            table.push(self.label(label)?);
        }
        let a = self.source(&i.operands[0], 32)?;
        let x = self.tables.len() as u64;
        self.tables.push(table);
        self.emit(Inst {
            a,
            x,
            ..Inst::new(Op::BraIndex)
        });
        Ok(())
    }

    /// `call (results), function, (arguments)[, prototype or targets]`.
    fn call(&mut self, i: &Instruction<'a>) -> Result<()> {
        let mut operands = i.operands.as_slice();
        let mut results: &[Operand<'a>] = &[];
        if let Some(Operand::List(list)) = operands.first() {
            results = list;
            operands = &operands[1..];
        }
        let Some((Operand::Name(callee), rest)) = operands.split_first() else {
            return Err(self.invalid("call of nothing"));
        };
        let mut arguments: &[Operand<'a>] = &[];
        let mut rest = rest;
        if let Some((Operand::List(list), after)) = rest.split_first() {
            arguments = list;
            rest = after;
        }
        let (target, a) = match self.lookup(callee) {
            Some(Name::Reg(v)) => (Target::Indirect, self.fit(v, Class::R64, callee)?),
            Some(_) => return Err(self.invalid(format!("'{callee}' is no function"))),
            None => match self.scope.symbol(callee) {
                Some(Symbol::Function(f)) => (Target::Function(f), TRUE),
                Some(Symbol::Builtin(b)) => (Target::Builtin(b), TRUE),
                Some(Symbol::Unresolved) => {
                    if callee.starts_with("cudaLaunchDevice")
                        || callee.starts_with("cudaGetParameterBuffer")
                    {
                        let message =
                            format!("call of '{callee}': dynamic parallelism is not supported");
                        return Err(Problem::unsupported(self.line, message));
                    }
                    return Err(Problem::new(
                        super::super::program::CompileErrorKind::Link,
                        self.line,
                        format!("unresolved extern function '{callee}'"),
                    ));
                }
                Some(_) => return Err(self.invalid(format!("'{callee}' is no function"))),
                None => return Err(self.invalid(format!("unknown function '{callee}'"))),
            },
        };
        let prototype = match rest.first() {
            Some(Operand::Name(name)) => self
                .scopes
                .iter()
                .rev()
                .find_map(|(scope, _)| self.prototypes.get(&(*scope, *name)))
                .cloned(),
            _ => None,
        };
        if target == Target::Indirect && prototype.is_none() && rest.is_empty() {
            return Err(self.invalid("indirect call without a prototype"));
        }
        let mut site = CallSite {
            target,
            args: Vec::new(),
            results: Vec::new(),
        };
        for (n, argument) in arguments.iter().enumerate() {
            if let Operand::Name(name) = argument
                && let Some(Name::Local(piece)) = self.lookup(name)
            {
                site.args.push(piece);
                continue;
            }
            // A register or constant: through a hidden argument area.
            let bits = match (argument, prototype.as_ref().and_then(|p| p.params.get(n))) {
                (Operand::Name(name), _) => match self.lookup(name) {
                    Some(Name::Reg(v)) => self.reg(v).bits.max(8),
                    _ => 64,
                },
                (_, Some(v)) => v.ty.bits(),
                (Operand::F64(_), _) => 64,
                _ => 32,
            };
            let v = self.source(argument, bits)?;
            let piece = self.hidden(bits)?;
            self.store_piece(v, bits, piece);
            site.args.push(piece);
        }
        let mut loads = Vec::new();
        for result in results {
            let Operand::Name(name) = result else {
                return Err(self.invalid("result of a call must have a name"));
            };
            match self.lookup(name) {
                Some(Name::Local(piece)) => site.results.push(piece),
                Some(Name::Reg(v)) => {
                    let bits = self.reg(v).bits.max(8);
                    let piece = self.hidden(bits)?;
                    site.results.push(piece);
                    loads.push((v, piece));
                }
                _ => return Err(self.invalid(format!("'{name}' cannot take the result of a call"))),
            }
        }
        let x = self.calls.len() as u64;
        self.calls.push(site);
        self.emit(Inst {
            a,
            x,
            ..Inst::new(Op::Call)
        });
        for (v, piece) in loads {
            if self.reg(v).class == Class::Pred {
                return Err(self.invalid("a call cannot return a predicate"));
            }
            self.load_piece(v, piece);
        }
        Ok(())
    }

    fn hidden(&mut self, bits: u32) -> Result<Piece> {
        let size = bits / 8;
        let offset = self.local.next_multiple_of(u64::from(size.max(4)));
        self.local = offset + u64::from(size.max(4));
        if self.local > MAX_LOCAL_BYTES {
            return Err(self.invalid("too many call arguments"));
        }
        Ok(Piece {
            offset: offset as u32,
            size,
        })
    }

    fn barrier(&mut self, i: &Instruction<'a>) -> Result<()> {
        if i.modifiers.contains(&"warp") {
            self.arity(i, 1..=1)?;
            let c = self.source(&i.operands[0], 32)?;
            self.emit(Inst {
                c,
                ..Inst::new(Op::SyncWarp)
            });
            return Ok(());
        }
        if i.modifiers.contains(&"cluster") {
            // A cluster is one block: a barrier of its own kind among the block's threads.
            let kind = if i.modifiers.contains(&"arrive") {
                BarrierKind::ClusterArrive
            } else {
                BarrierKind::ClusterWait
            };
            let zero = self.c32(0);
            self.emit(Inst {
                flags: kind as u16,
                a: zero,
                b: zero,
                ..Inst::new(Op::Barrier)
            });
            return Ok(());
        }
        let red = i.modifiers.contains(&"red");
        let kind = if i.modifiers.contains(&"arrive") {
            BarrierKind::Arrive
        } else if !red {
            BarrierKind::Sync
        } else if i.modifiers.contains(&"popc") {
            BarrierKind::RedPopc
        } else if i.modifiers.contains(&"and") {
            BarrierKind::RedAnd
        } else if i.modifiers.contains(&"or") {
            BarrierKind::RedOr
        } else {
            return Err(self.invalid(format!("unknown reduction in '{}'", i.text)));
        };
        let zero = self.c32(0);
        if !red {
            self.arity(i, 1..=2)?;
            let a = self.source(&i.operands[0], 32)?;
            let b = match i.operands.get(1) {
                Some(b) => self.source(b, 32)?,
                None if kind == BarrierKind::Arrive => {
                    return Err(self.invalid("bar.arrive needs a thread count"));
                }
                None => zero,
            };
            let x = u64::from(i.operands.len() > 1);
            self.emit(Inst {
                flags: kind as u16,
                a,
                b,
                x,
                ..Inst::new(Op::Barrier)
            });
            return Ok(());
        }
        self.arity(i, 3..=4)?;
        let a = self.source(&i.operands[1], 32)?;
        let (b, x) = if i.operands.len() == 4 {
            (self.source(&i.operands[2], 32)?, 1)
        } else {
            (zero, 0)
        };
        let c = self.source(&i.operands[i.operands.len() - 1], 1)?;
        if kind == BarrierKind::RedPopc {
            let out = self.result(&i.operands[0], 32)?;
            self.emit(Inst {
                flags: kind as u16,
                d: out.d,
                a,
                b,
                c,
                x,
                ..Inst::new(Op::Barrier)
            });
            return self.finish(out, false);
        }
        // `and` and `or` give a predicate: made from a 0 or 1.
        let p = self.result(&i.operands[0], 1)?;
        let d = self.temp(Class::R32);
        self.emit(Inst {
            flags: kind as u16,
            d,
            a,
            b,
            c,
            x,
            ..Inst::new(Op::Barrier)
        });
        self.emit(Inst {
            flags: Cmp::Ne as u16,
            d: p.d,
            a: d,
            b: zero,
            ..Inst::new(Op::SetpU32)
        });
        self.finish(p, false)
    }

    /// Kinds, in the flags of [`Op::Vote`]: 0 all, 1 any, 2 uni, 3 ballot.
    fn vote(&mut self, i: &Instruction<'a>) -> Result<()> {
        let kind = i.modifiers.iter().find_map(|m| match *m {
            "all" => Some(0u16),
            "any" => Some(1),
            "uni" => Some(2),
            "ballot" => Some(3),
            _ => None,
        });
        let Some(kind) = kind else {
            return Err(self.invalid(format!("unknown mode in '{}'", i.text)));
        };
        let sync = i.modifiers.contains(&"sync");
        self.arity(i, 2 + usize::from(sync)..=2 + usize::from(sync))?;
        let a = self.source(&i.operands[1], 1)?;
        // Without .sync the lanes that execute it together take part: `x` is 1.
        let c = if sync {
            self.source(&i.operands[2], 32)?
        } else {
            self.c32(u32::MAX)
        };
        let x = u64::from(!sync);
        if kind == 3 {
            let out = self.result(&i.operands[0], 32)?;
            self.emit(Inst {
                flags: kind,
                d: out.d,
                a,
                c,
                x,
                ..Inst::new(Op::Vote)
            });
            self.finish(out, false)
        } else {
            let out = self.result(&i.operands[0], 1)?;
            self.emit(Inst {
                flags: kind,
                e: out.d,
                a,
                c,
                x,
                ..Inst::new(Op::Vote)
            });
            self.finish(out, false)
        }
    }

    /// Kinds, in the flags of [`Op::Shuffle`]: 0 up, 1 down, 2 bfly, 3 idx.
    fn shuffle(&mut self, i: &Instruction<'a>) -> Result<()> {
        let kind = i.modifiers.iter().find_map(|m| match *m {
            "up" => Some(0u16),
            "down" => Some(1),
            "bfly" => Some(2),
            "idx" => Some(3),
            _ => None,
        });
        let Some(kind) = kind else {
            return Err(self.invalid(format!("unknown mode in '{}'", i.text)));
        };
        let sync = i.modifiers.contains(&"sync");
        self.arity(i, 4 + usize::from(sync)..=4 + usize::from(sync))?;
        let (d, p) = match &i.operands[0] {
            Operand::Pair(d, p) => ((**d).clone(), Some((**p).clone())),
            d => (d.clone(), None),
        };
        let a = self.source(&i.operands[1], 32)?;
        let b = self.source(&i.operands[2], 32)?;
        let f = self.source(&i.operands[3], 32)?;
        let c = if sync {
            self.source(&i.operands[4], 32)?
        } else {
            self.c32(u32::MAX)
        };
        let x = u64::from(!sync);
        let out = self.result(&d, 32)?;
        let p = match p {
            Some(p) => self.result(&p, 1)?,
            None => Output {
                d: self.temp(Class::Pred),
                target: None,
            },
        };
        self.emit(Inst {
            flags: kind,
            d: out.d,
            e: p.d,
            a,
            b,
            c,
            f,
            x,
            ..Inst::new(Op::Shuffle)
        });
        self.finish(p, false)?;
        self.finish(out, false)
    }

    /// Flags of [`Op::Match`]: bit 0 all (else any), bit 1 64-bit values.
    fn match_lanes(&mut self, i: &Instruction<'a>) -> Result<()> {
        self.arity(i, 3..=3)?;
        let bits = self.ty(i)?.bits();
        let all = i.modifiers.contains(&"all");
        let (d, p) = match &i.operands[0] {
            Operand::Pair(d, p) => ((**d).clone(), Some((**p).clone())),
            d => (d.clone(), None),
        };
        let a = self.source(&i.operands[1], bits)?;
        let c = self.source(&i.operands[2], 32)?;
        let out = self.result(&d, 32)?;
        let p = match p {
            Some(p) => self.result(&p, 1)?,
            None => Output {
                d: self.temp(Class::Pred),
                target: None,
            },
        };
        let flags = u16::from(all) | u16::from(bits == 64) << 1;
        self.emit(Inst {
            flags,
            d: out.d,
            e: p.d,
            a,
            c,
            ..Inst::new(Op::Match)
        });
        self.finish(p, false)?;
        self.finish(out, false)
    }

    /// Kinds, in the flags of [`Op::Redux`]: 0 add, 1 min, 2 max, 3 and, 4 or, 5 xor; +8 signed, +16 f32, +32 by
    /// magnitude, +64 NaN wins.
    fn redux(&mut self, i: &Instruction<'a>) -> Result<()> {
        self.arity(i, 3..=3)?;
        let ty = self.ty(i)?;
        let kind = i.modifiers.iter().find_map(|m| match *m {
            "add" => Some(0u16),
            "min" => Some(1),
            "max" => Some(2),
            "and" => Some(3),
            "or" => Some(4),
            "xor" => Some(5),
            _ => None,
        });
        let Some(mut kind) = kind else {
            return Err(self.invalid(format!("unknown operation in '{}'", i.text)));
        };
        match ty {
            Type::F32 if matches!(kind, 1 | 2) => {
                kind += 16;
                kind += if i.modifiers.contains(&"abs") { 32 } else { 0 };
                kind += if i.modifiers.contains(&"NaN") { 64 } else { 0 };
            }
            Type::S32 => kind += 8,
            Type::U32 | Type::B32 => {}
            _ => return Err(self.unsupported(i)),
        }
        let a = self.source(&i.operands[1], 32)?;
        let c = self.source(&i.operands[2], 32)?;
        let out = self.result(&i.operands[0], 32)?;
        self.emit(Inst {
            flags: kind,
            d: out.d,
            a,
            c,
            ..Inst::new(Op::Redux)
        });
        self.finish(out, false)
    }
}
