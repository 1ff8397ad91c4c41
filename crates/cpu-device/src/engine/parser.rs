//! Parses PTX text into the [`ast`](super::ast).
//!
//! The text is untrusted: nesting is counted instead of recursed into wherever possible, recursion that remains (constant
//! expressions, nested initialisers) is depth-limited, and every malformed construct is an error with its line.

use super::ast::*;
use super::lexer::{Token, TokenKind, tokenize};
use super::program::{CompileError, CompileErrorKind};
use super::types::Type;

/// A compile error before it is known which text it is in.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub kind: CompileErrorKind,
    pub line: u32,
    pub message: String,
}

impl Problem {
    pub(crate) fn new(kind: CompileErrorKind, line: u32, message: impl Into<String>) -> Problem {
        Problem {
            kind,
            line,
            message: message.into(),
        }
    }

    pub(crate) fn invalid(line: u32, message: impl Into<String>) -> Problem {
        Problem::new(CompileErrorKind::InvalidPtx, line, message)
    }

    pub(crate) fn unsupported(line: u32, message: impl Into<String>) -> Problem {
        Problem::new(CompileErrorKind::NotSupported, line, message)
    }

    /// The error of source number `source_index`, with a message in the form of ptxas' log.
    pub(crate) fn located(self, source_index: usize) -> CompileError {
        let message = match (self.line, source_index) {
            (0, _) => format!("ptx fatal   : {}", self.message),
            (line, 0) => format!("ptx input, line {line}; error   : {}", self.message),
            (line, n) => format!("ptx input {n}, line {line}; error   : {}", self.message),
        };
        CompileError {
            kind: self.kind,
            source_index,
            line: self.line,
            message,
        }
    }
}

type Result<T> = std::result::Result<T, Problem>;

/// Deepest nesting of scopes, initialisers and constant expressions.
const MAX_DEPTH: u32 = 64;
/// Largest variable.
const MAX_VARIABLE_BYTES: u64 = 1 << 40;
/// Most registers that one declaration may make.
const MAX_REGISTERS: u32 = 1 << 20;

/// Parses one text.
pub(crate) fn parse(text: &str) -> Result<Source<'_>> {
    let tokens = tokenize(text)?;
    Parser {
        text,
        tokens,
        at: 0,
    }
    .source()
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token<'a>>,
    at: usize,
}

impl<'a> Parser<'a> {
    fn source(mut self) -> Result<Source<'a>> {
        self.header()?;
        let mut source = Source::default();
        let mut linkage = Linkage::Internal;
        loop {
            let line = self.line();
            match self.next() {
                TokenKind::End => return Ok(source),
                TokenKind::Punct(b';') => {}
                TokenKind::Dot(directive) => match directive {
                    "extern" => linkage = Linkage::Extern,
                    "visible" => linkage = Linkage::Visible,
                    "weak" => linkage = Linkage::Weak,
                    "common" => linkage = Linkage::Common,
                    "func" | "entry" => {
                        let function = self.function(directive == "entry", linkage, line)?;
                        source.functions.push(function);
                        linkage = Linkage::Internal;
                    }
                    "global" | "const" | "shared" | "local" | "param" | "reg" | "tex" | "sreg" => {
                        let space = var_space(directive).ok_or_else(|| {
                            Problem::unsupported(
                                line,
                                format!("variables in .{directive} are not supported"),
                            )
                        })?;
                        self.declaration(space, linkage, |v| source.variables.push(v))?;
                        linkage = Linkage::Internal;
                    }
                    "alias" => {
                        let alias = self.word()?;
                        self.expect(b',')?;
                        let target = self.word()?;
                        self.expect(b';')?;
                        source.aliases.push((alias, target, line));
                    }
                    "file" | "loc" => self.skip_line(line),
                    "section" => self.skip_section()?,
                    "pragma" => self.skip_statement()?,
                    "target" => source.target = self.target()?,
                    "address_size" | "version" => self.directive_again(directive, line)?,
                    _ => {
                        return Err(Problem::invalid(
                            line,
                            format!("unknown directive '.{directive}'"),
                        ));
                    }
                },
                TokenKind::Punct(b'@') if self.eat(b'@') => self.skip_line(line),
                other => {
                    return Err(Problem::invalid(
                        line,
                        format!("unexpected {}", describe(other)),
                    ));
                }
            }
        }
    }

    /// `.version`, `.target`, `.address_size`.
    fn header(&mut self) -> Result<()> {
        while matches!(self.peek(), TokenKind::Dot("file" | "loc")) {
            let line = self.line();
            self.skip_line(line);
        }
        let line = self.line();
        match self.next() {
            TokenKind::Dot("version") => {}
            _ => {
                return Err(Problem::invalid(
                    line,
                    "missing .version directive at the start of the text",
                ));
            }
        }
        let line = self.line();
        let token = self.tokens[self.at];
        self.next();
        let version = &self.text[token.start as usize..token.end as usize];
        let major = version
            .split('.')
            .next()
            .and_then(|m| m.parse::<u32>().ok());
        match major {
            Some(1..=9) => {}
            Some(_) => {
                let message =
                    format!("unsupported .version {version}; this device accepts up to 9.x");
                return Err(Problem::new(
                    CompileErrorKind::UnsupportedVersion,
                    line,
                    message,
                ));
            }
            None => {
                return Err(Problem::invalid(
                    line,
                    format!("malformed .version '{version}'"),
                ));
            }
        }
        if !matches!(self.peek(), TokenKind::Dot("target")) {
            return Err(Problem::invalid(
                self.line(),
                "missing .target directive after .version",
            ));
        }
        Ok(())
    }

    /// The architecture of a `.target`: 90 for `sm_90a`.
    fn target(&mut self) -> Result<u32> {
        let mut target = 0;
        loop {
            let line = self.line();
            let name = self.word()?;
            let number = name
                .strip_prefix("sm_")
                .map(|n| n.trim_end_matches(|c: char| c.is_ascii_alphabetic()))
                .and_then(|n| n.parse().ok());
            match (number, name) {
                (Some(n), _) => target = n,
                (None, "debug" | "texmode_unified" | "texmode_independent" | "map_f64_to_f32") => {}
                _ => {
                    let message = format!("unsupported .target '{name}'");
                    return Err(Problem::new(
                        CompileErrorKind::UnsupportedVersion,
                        line,
                        message,
                    ));
                }
            }
            if !self.eat(b',') {
                return Ok(target);
            }
        }
    }

    fn directive_again(&mut self, directive: &str, line: u32) -> Result<()> {
        match directive {
            "address_size" => match self.integer()? {
                64 => Ok(()),
                32 => Err(Problem::unsupported(
                    line,
                    "'.address_size 32' is not supported; compile for 64-bit addresses",
                )),
                n => Err(Problem::invalid(line, format!("invalid .address_size {n}"))),
            },
            _ => Err(Problem::invalid(line, "a second .version directive")),
        }
    }

    fn function(&mut self, entry: bool, linkage: Linkage, line: u32) -> Result<FunctionDef<'a>> {
        while self.eat_dot("attribute") {
            self.skip_parenthesised()?;
        }
        let mut returns = Vec::new();
        if self.peek() == TokenKind::Punct(b'(') {
            returns = self.parameters()?;
        }
        while matches!(self.peek(), TokenKind::Dot("noreturn")) {
            self.next();
        }
        let name = self.word()?;
        let params = if self.peek() == TokenKind::Punct(b'(') {
            self.parameters()?
        } else {
            Vec::new()
        };
        let mut function = FunctionDef {
            name,
            linkage,
            entry,
            returns,
            params,
            max_threads: None,
            required_block: None,
            body: None,
            line,
        };
        loop {
            let line = self.line();
            match self.peek() {
                TokenKind::Punct(b'{') => {
                    function.body = Some(self.body()?);
                    return Ok(function);
                }
                TokenKind::Punct(b';') => {
                    self.next();
                    return Ok(function);
                }
                TokenKind::Dot(directive) => {
                    self.next();
                    match directive {
                        "maxntid" | "reqntid" => {
                            let mut shape = [1u32; 3];
                            for (i, n) in shape.iter_mut().enumerate() {
                                if i > 0 && !self.eat(b',') {
                                    break;
                                }
                                *n = self.small_integer("block dimension")?;
                            }
                            let threads = shape.iter().try_fold(1u32, |a, &b| a.checked_mul(b));
                            let threads =
                                threads
                                    .filter(|&n| (1..=1024).contains(&n))
                                    .ok_or_else(|| {
                                        Problem::invalid(
                                            line,
                                            format!(".{directive} must name 1 to 1024 threads"),
                                        )
                                    })?;
                            function.max_threads =
                                Some(function.max_threads.unwrap_or(1024).min(threads));
                            if directive == "reqntid" {
                                function.required_block = Some(shape);
                            }
                        }
                        "maxnreg"
                        | "minnctapersm"
                        | "maxnctapersm"
                        | "maxclusterrank"
                        | "abi_preserve"
                        | "abi_preserve_control" => {
                            self.small_integer(directive)?;
                        }
                        "reqnctapercluster" => {
                            let mut blocks = self.small_integer(directive)?;
                            while self.eat(b',') {
                                blocks = blocks.saturating_mul(self.small_integer(directive)?);
                            }
                            if blocks > 1 {
                                return Err(Problem::unsupported(
                                    line,
                                    "clusters of more than one block are not supported",
                                ));
                            }
                        }
                        "noreturn" | "explicitcluster" | "blocksareclusters" => {}
                        "pragma" => self.skip_statement()?,
                        "file" | "loc" => self.skip_line(line),
                        "attribute" => self.skip_parenthesised()?,
                        _ => {
                            return Err(Problem::invalid(
                                line,
                                format!("unknown directive '.{directive}'"),
                            ));
                        }
                    }
                }
                other => {
                    return Err(Problem::invalid(
                        line,
                        format!("unexpected {} after function '{name}'", describe(other)),
                    ));
                }
            }
        }
    }

    /// `(.param .b32 a, .param .align 8 .b8 b[24])`.
    fn parameters(&mut self) -> Result<Vec<Variable<'a>>> {
        self.expect(b'(')?;
        let mut list = Vec::new();
        if self.eat(b')') {
            return Ok(list);
        }
        loop {
            let line = self.line();
            match self.next() {
                TokenKind::Dot("param") => {
                    list.push(self.one_variable(VarSpace::Param, Linkage::Internal)?)
                }
                TokenKind::Dot("reg") => {
                    list.push(self.one_variable(VarSpace::Reg, Linkage::Internal)?)
                }
                other => {
                    return Err(Problem::invalid(
                        line,
                        format!("expected a parameter, found {}", describe(other)),
                    ));
                }
            }
            if !self.eat(b',') {
                self.expect(b')')?;
                return Ok(list);
            }
        }
    }

    fn body(&mut self) -> Result<Body<'a>> {
        self.expect(b'{')?;
        let mut body = Body::default();
        let mut depth = 1u32;
        while depth > 0 {
            let line = self.line();
            match self.next() {
                TokenKind::Punct(b'{') => {
                    depth += 1;
                    if depth > MAX_DEPTH {
                        return Err(Problem::invalid(line, "scopes nested too deeply"));
                    }
                    body.statements.push(Statement::OpenScope);
                }
                TokenKind::Punct(b'}') => {
                    depth -= 1;
                    if depth > 0 {
                        body.statements.push(Statement::CloseScope);
                    }
                }
                TokenKind::Punct(b';') => {}
                TokenKind::Dot(directive) => match directive {
                    "loc" | "file" => self.skip_line(line),
                    "pragma" => self.skip_statement()?,
                    "section" => self.skip_section()?,
                    "extern" | "visible" | "weak" => {}
                    "reg" | "local" | "shared" | "param" | "global" | "const" => {
                        let space = var_space(directive).expect("listed above");
                        self.declaration(space, Linkage::Internal, |v| {
                            body.statements.push(Statement::Variable(v))
                        })?;
                    }
                    "branchtargets" | "calltargets" | "callprototype" => {
                        return Err(Problem::invalid(
                            line,
                            format!("'.{directive}' without a label"),
                        ));
                    }
                    _ => {
                        return Err(Problem::invalid(
                            line,
                            format!("unknown directive '.{directive}'"),
                        ));
                    }
                },
                TokenKind::Punct(b'@') => {
                    let negated = self.eat(b'!');
                    let predicate = self.word()?;
                    let line = self.line();
                    let op = self.word()?;
                    let instruction = self.instruction(op, line, Some((predicate, negated)))?;
                    body.statements
                        .push(Statement::Instruction(Box::new(instruction)));
                }
                TokenKind::Word(word) => {
                    if self.eat(b':') {
                        self.labelled(word, line, &mut body)?;
                    } else {
                        let instruction = self.instruction(word, line, None)?;
                        body.statements
                            .push(Statement::Instruction(Box::new(instruction)));
                    }
                }
                TokenKind::End => {
                    return Err(Problem::invalid(line, "the text ends inside a function"));
                }
                other => {
                    return Err(Problem::invalid(
                        line,
                        format!("unexpected {}", describe(other)),
                    ));
                }
            }
        }
        Ok(body)
    }

    fn labelled(&mut self, label: &'a str, line: u32, body: &mut Body<'a>) -> Result<()> {
        match self.peek() {
            TokenKind::Dot("branchtargets" | "calltargets") => {
                self.next();
                let mut targets = vec![self.word()?];
                while self.eat(b',') {
                    targets.push(self.word()?);
                }
                self.expect(b';')?;
                body.statements.push(Statement::Targets(label, targets));
            }
            TokenKind::Dot("callprototype") => {
                self.next();
                if self.peek() == TokenKind::Punct(b'(') {
                    self.parameters()?;
                }
                self.word()?;
                let params = if self.peek() == TokenKind::Punct(b'(') {
                    self.parameters()?
                } else {
                    Vec::new()
                };
                self.skip_statement()?;
                body.statements
                    .push(Statement::Prototype(label, Prototype { params }));
            }
            _ => body.statements.push(Statement::Label(label, line)),
        }
        Ok(())
    }

    fn instruction(
        &mut self,
        op: &'a str,
        line: u32,
        guard: Option<(&'a str, bool)>,
    ) -> Result<Instruction<'a>> {
        let start = self.tokens[self.at - 1].start as usize;
        let mut end = self.tokens[self.at - 1].end as usize;
        let mut modifiers = Vec::with_capacity(4);
        while let TokenKind::Dot(modifier) = self.peek() {
            end = self.tokens[self.at].end as usize;
            modifiers.push(modifier);
            self.next();
        }
        let text = &self.text[start..end];
        if is_unsupported(op, &modifiers) {
            return Err(Problem::unsupported(
                line,
                format!("instruction '{text}' is not supported by the CPU device"),
            ));
        }
        let mut operands = Vec::with_capacity(4);
        if !self.eat(b';') {
            loop {
                operands.push(self.operand(0)?);
                if self.eat(b';') {
                    break;
                }
                // `call (r), f, (a)` may lack no comma, but `bar.sync 0 , 32;` and friends all have them.
                self.expect(b',')?;
            }
        }
        Ok(Instruction {
            guard,
            text,
            op,
            modifiers,
            operands,
            line,
        })
    }

    fn operand(&mut self, depth: u32) -> Result<Operand<'a>> {
        let line = self.line();
        if depth > 4 {
            return Err(Problem::invalid(line, "operands nested too deeply"));
        }
        match self.peek() {
            TokenKind::Punct(b'[') => {
                self.next();
                let operand = match self.peek() {
                    TokenKind::Word(base) => {
                        self.next();
                        let mut offset = 0i64;
                        while let TokenKind::Punct(sign @ (b'+' | b'-')) = self.peek() {
                            self.next();
                            let negative = self.eat(b'-');
                            let value = self.constant_unary(0)?;
                            let value = if negative {
                                value.wrapping_neg()
                            } else {
                                value
                            };
                            offset = if sign == b'+' {
                                offset.wrapping_add(value)
                            } else {
                                offset.wrapping_sub(value)
                            };
                        }
                        Operand::Memory(Some(base), offset)
                    }
                    _ => Operand::Memory(None, self.constant(0)?),
                };
                self.expect(b']')?;
                Ok(operand)
            }
            TokenKind::Punct(b'{') => {
                self.next();
                let mut items = Vec::new();
                loop {
                    items.push(self.operand(depth + 1)?);
                    if !self.eat(b',') {
                        break;
                    }
                }
                self.expect(b'}')?;
                Ok(Operand::Vector(items))
            }
            TokenKind::Punct(b'(') => {
                // An argument list, or a parenthesised constant expression.
                let next = self.tokens.get(self.at + 1).map(|t| t.kind);
                if depth > 0
                    || matches!(
                        next,
                        Some(TokenKind::Int(_) | TokenKind::Punct(b'-' | b'~' | b'('))
                    ) && !self.is_list()
                {
                    return Ok(Operand::Int(self.constant(0)?));
                }
                self.next();
                let mut items = Vec::new();
                if !self.eat(b')') {
                    loop {
                        items.push(self.operand(depth + 1)?);
                        if !self.eat(b',') {
                            break;
                        }
                    }
                    self.expect(b')')?;
                }
                Ok(Operand::List(items))
            }
            TokenKind::Punct(b'!') => {
                self.next();
                Ok(Operand::Negated(Box::new(self.operand(depth + 1)?)))
            }
            TokenKind::Punct(b'-') => {
                self.next();
                match self.peek() {
                    TokenKind::Word(_) => Ok(Operand::Negated(Box::new(self.operand(depth + 1)?))),
                    TokenKind::F32(bits) => {
                        self.next();
                        Ok(Operand::F32(bits ^ 0x8000_0000))
                    }
                    TokenKind::F64(bits) => {
                        self.next();
                        Ok(Operand::F64(bits ^ (1 << 63)))
                    }
                    _ => {
                        self.at -= 1;
                        Ok(Operand::Int(self.constant(0)?))
                    }
                }
            }
            TokenKind::F32(bits) => {
                self.next();
                Ok(Operand::F32(bits))
            }
            TokenKind::F64(bits) => {
                self.next();
                Ok(Operand::F64(bits))
            }
            TokenKind::Int(_) | TokenKind::Punct(b'~') => Ok(Operand::Int(self.constant(0)?)),
            TokenKind::Word(word) => {
                self.next();
                let operand = match self.peek() {
                    _ if word == "_" => Operand::Sink,
                    TokenKind::Dot(component) => {
                        self.next();
                        Operand::Component(word, component)
                    }
                    TokenKind::Punct(sign @ (b'+' | b'-')) => {
                        self.next();
                        let value = self.constant_unary(0)?;
                        Operand::NameOffset(
                            word,
                            if sign == b'+' {
                                value
                            } else {
                                value.wrapping_neg()
                            },
                        )
                    }
                    _ => Operand::Name(word),
                };
                if self.eat(b'|') {
                    return Ok(Operand::Pair(
                        Box::new(operand),
                        Box::new(self.operand(depth + 1)?),
                    ));
                }
                Ok(operand)
            }
            other => Err(Problem::invalid(
                line,
                format!("expected an operand, found {}", describe(other)),
            )),
        }
    }

    /// Whether the parenthesis here closes after a comma, so that it is an argument list.
    fn is_list(&self) -> bool {
        for token in self.tokens[self.at + 1..].iter().take(64) {
            match token.kind {
                TokenKind::Punct(b',') => return true,
                TokenKind::Punct(b')' | b';') | TokenKind::End => break,
                _ => {}
            }
        }
        // `call f, (5)` or `call f, (5), proto`: a single constant argument. Arithmetic begins with an operator after it.
        !matches!(
            self.tokens.get(self.at + 2).map(|t| t.kind),
            Some(TokenKind::Punct(b'+' | b'-' | b'*' | b'/' | b'&' | b'|'))
        )
    }

    fn declaration(
        &mut self,
        space: VarSpace,
        linkage: Linkage,
        mut add: impl FnMut(Variable<'a>),
    ) -> Result<()> {
        let first = self.one_variable(space, linkage)?;
        let template = Variable {
            init: Vec::new(),
            ..first.clone()
        };
        add(first);
        while self.eat(b',') {
            let mut variable = template.clone();
            variable.line = self.line();
            self.declarator(&mut variable)?;
            add(variable);
        }
        self.expect(b';')
    }

    /// What follows the state space: attributes, type, and the first declarator.
    fn one_variable(&mut self, space: VarSpace, linkage: Linkage) -> Result<Variable<'a>> {
        let mut align = None;
        let mut ty = None;
        let mut lanes = 1;
        let mut managed = false;
        let line = self.line();
        while let TokenKind::Dot(word) = self.peek() {
            let line = self.line();
            self.next();
            match word {
                "align" => {
                    let n = self.small_integer("alignment")?;
                    if !n.is_power_of_two() || n > 1 << 16 {
                        return Err(Problem::invalid(
                            line,
                            format!("alignment {n} is no power of two up to 65536"),
                        ));
                    }
                    // `.ptr .align N` tells about the pointee.
                    if ty.is_none() {
                        align = Some(u64::from(n));
                    }
                }
                "v2" => lanes = 2,
                "v4" => lanes = 4,
                "v8" => lanes = 8,
                "attribute" => managed |= self.attribute()?,
                "ptr" | "global" | "const" | "local" | "shared" | "param" if ty.is_some() => {}
                "texref" | "samplerref" | "surfref" => {
                    return Err(Problem::unsupported(
                        line,
                        format!("'.{word}' variables (textures, surfaces) are not supported"),
                    ));
                }
                _ => match Type::parse(word) {
                    Some(parsed) if ty.is_none() => ty = Some(parsed),
                    _ => {
                        return Err(Problem::invalid(
                            line,
                            format!("unexpected '.{word}' in a declaration"),
                        ));
                    }
                },
            }
        }
        let ty = ty.ok_or_else(|| Problem::invalid(line, "a declaration without a type"))?;
        if ty == Type::Pred && space != VarSpace::Reg {
            return Err(Problem::invalid(line, "predicates exist only as registers"));
        }
        let natural = u64::from(ty.bytes() * lanes);
        let mut variable = Variable {
            name: "",
            linkage,
            space,
            ty,
            align: align.unwrap_or(natural),
            size: natural,
            lanes,
            count: None,
            managed,
            init: Vec::new(),
            line,
        };
        self.declarator(&mut variable)?;
        Ok(variable)
    }

    /// `name`, `name<7>`, `name[2][3] = {...}`.
    fn declarator(&mut self, variable: &mut Variable<'a>) -> Result<()> {
        let line = self.line();
        // Of `%p<4>, %q` only the first is a family.
        variable.count = None;
        variable.name = self.word()?;
        variable.size = u64::from(variable.ty.bytes() * variable.lanes);
        if self.eat(b'<') {
            let n = self.small_integer("register count")?;
            if n > MAX_REGISTERS || variable.space != VarSpace::Reg {
                return Err(Problem::invalid(
                    line,
                    format!("'{}<{n}>' is not allowed here", variable.name),
                ));
            }
            variable.count = Some(n);
            self.expect(b'>')?;
        }
        let mut dims = Vec::new();
        let mut open = false;
        while self.eat(b'[') {
            if self.eat(b']') {
                open |= dims.is_empty();
                dims.push(0);
                continue;
            }
            let n = self.constant(0)?;
            let n =
                u64::try_from(n).map_err(|_| Problem::invalid(line, "negative array length"))?;
            dims.push(n);
            self.expect(b']')?;
            if dims.len() as u32 > MAX_DEPTH {
                return Err(Problem::invalid(line, "too many array dimensions"));
            }
        }
        let element = variable.size;
        for &n in dims.iter().skip(usize::from(open)) {
            variable.size = variable
                .size
                .checked_mul(n)
                .filter(|&s| s <= MAX_VARIABLE_BYTES)
                .ok_or_else(|| {
                    Problem::new(
                        CompileErrorKind::TooLarge,
                        line,
                        format!("variable '{}' is too large", variable.name),
                    )
                })?;
        }
        let row = variable.size;
        if open {
            variable.size = 0;
        }
        if self.eat(b'=') {
            if !matches!(variable.space, VarSpace::Global | VarSpace::Const) {
                return Err(Problem::invalid(
                    line,
                    format!("variable '{}' cannot have an initial value", variable.name),
                ));
            }
            let mut strides = Vec::with_capacity(dims.len() + 1);
            let mut stride = row;
            for (i, &n) in dims.iter().enumerate() {
                stride = if i == 0 && open {
                    stride
                } else {
                    stride.checked_div(n).unwrap_or(0)
                };
                strides.push(stride.max(element));
            }
            if variable.lanes > 1 {
                strides.push(u64::from(variable.ty.bytes()));
            }
            let mut end = 0;
            self.initializer(variable, 0, 0, &strides, &mut end)?;
            if open {
                variable.size = end;
            }
            if variable
                .init
                .iter()
                .any(|i| i.offset + u64::from(i.size) > variable.size)
            {
                return Err(Problem::invalid(
                    line,
                    format!("too many initial values for variable '{}'", variable.name),
                ));
            }
        }
        Ok(())
    }

    fn initializer(
        &mut self,
        v: &mut Variable<'a>,
        at: u64,
        depth: usize,
        strides: &[u64],
        end: &mut u64,
    ) -> Result<()> {
        let line = self.line();
        if self.eat(b'{') {
            if depth as u32 >= MAX_DEPTH {
                return Err(Problem::invalid(line, "initial values nested too deeply"));
            }
            let stride = strides
                .get(depth)
                .copied()
                .unwrap_or(u64::from(v.ty.bytes()));
            let mut at = at;
            while !self.eat(b'}') {
                self.initializer(v, at, depth + 1, strides, end)?;
                at = at.saturating_add(stride);
                if !self.eat(b',') {
                    self.expect(b'}')?;
                    break;
                }
            }
            return Ok(());
        }
        if at > MAX_VARIABLE_BYTES {
            return Err(Problem::invalid(line, "initial value too large"));
        }
        let size = v.ty.bytes().min(8);
        let value = match self.peek() {
            TokenKind::Word(_) => {
                let (name, addend) = self.symbol_value()?;
                InitValue::Symbol {
                    name,
                    addend,
                    shift: 0,
                }
            }
            TokenKind::F32(bits) => {
                self.next();
                InitValue::Bits(if v.ty == Type::F64 {
                    f64::from(f32::from_bits(bits)).to_bits()
                } else {
                    u64::from(bits)
                })
            }
            TokenKind::F64(_) => self.float_value(v.ty, false)?,
            TokenKind::Punct(b'-')
                if matches!(
                    self.tokens[self.at + 1].kind,
                    TokenKind::F64(_) | TokenKind::F32(_)
                ) =>
            {
                self.next();
                self.float_value(v.ty, true)?
            }
            // `0xff00(symbol)`: one byte of an address.
            TokenKind::Int(mask) if self.tokens[self.at + 1].kind == TokenKind::Punct(b'(') => {
                self.next();
                self.expect(b'(')?;
                let (name, addend) = self.symbol_value()?;
                self.expect(b')')?;
                if mask == 0
                    || mask >> mask.trailing_zeros() != 0xff
                    || mask.trailing_zeros() % 8 != 0
                {
                    return Err(Problem::invalid(
                        line,
                        format!("mask {mask:#x} does not select one byte"),
                    ));
                }
                InitValue::Symbol {
                    name,
                    addend,
                    shift: mask.trailing_zeros(),
                }
            }
            _ => {
                let value = self.constant(0)?;
                match v.ty {
                    Type::F32 => InitValue::Bits(u64::from((value as f32).to_bits())),
                    Type::F64 => InitValue::Bits((value as f64).to_bits()),
                    _ => InitValue::Bits(value as u64),
                }
            }
        };
        v.init.push(Init {
            offset: at,
            size,
            value,
        });
        *end = (*end).max(at + u64::from(v.ty.bytes()));
        Ok(())
    }

    fn float_value(&mut self, ty: Type, negative: bool) -> Result<InitValue<'a>> {
        let line = self.line();
        let value = match self.next() {
            TokenKind::F64(bits) => f64::from_bits(bits),
            TokenKind::F32(bits) => f64::from(f32::from_bits(bits)),
            other => {
                return Err(Problem::invalid(
                    line,
                    format!("expected a number, found {}", describe(other)),
                ));
            }
        };
        let value = if negative { -value } else { value };
        match ty {
            Type::F32 | Type::B32 => Ok(InitValue::Bits(u64::from((value as f32).to_bits()))),
            Type::F64 | Type::B64 => Ok(InitValue::Bits(value.to_bits())),
            _ => Err(Problem::invalid(
                line,
                "floating-point initial value for an integer",
            )),
        }
    }

    /// `name`, `name+4`, `generic(name)`, `generic(name)+4`.
    fn symbol_value(&mut self) -> Result<(&'a str, i64)> {
        let mut name = self.word()?;
        let mut addend = 0i64;
        if matches!(name, "generic" | "addr") && self.eat(b'(') {
            name = self.word()?;
            if let TokenKind::Punct(b'+' | b'-') = self.peek() {
                addend = self.signed_tail()?;
            }
            self.expect(b')')?;
        }
        if let TokenKind::Punct(b'+' | b'-') = self.peek() {
            addend = addend.wrapping_add(self.signed_tail()?);
        }
        Ok((name, addend))
    }

    fn signed_tail(&mut self) -> Result<i64> {
        let negative = self.eat(b'-');
        if !negative {
            self.expect(b'+')?;
        }
        let value = self.constant_unary(0)?;
        Ok(if negative {
            value.wrapping_neg()
        } else {
            value
        })
    }

    /// A constant expression of integers. Binary operators by precedence climbing; `?:` and comparisons are not used by
    /// compilers and not accepted.
    fn constant(&mut self, depth: u32) -> Result<i64> {
        self.constant_binary(0, depth)
    }

    fn constant_binary(&mut self, least: u8, depth: u32) -> Result<i64> {
        let line = self.line();
        if depth > MAX_DEPTH {
            return Err(Problem::invalid(
                line,
                "constant expression nested too deeply",
            ));
        }
        let mut left = self.constant_unary(depth)?;
        loop {
            let (precedence, op, tokens) =
                match (self.peek(), self.tokens.get(self.at + 1).map(|t| t.kind)) {
                    (TokenKind::Punct(b'*'), _) => (6, b'*', 1),
                    (TokenKind::Punct(b'/'), _) => (6, b'/', 1),
                    (TokenKind::Punct(b'+'), _) => (5, b'+', 1),
                    (TokenKind::Punct(b'-'), _) => (5, b'-', 1),
                    (TokenKind::Punct(b'<'), Some(TokenKind::Punct(b'<'))) => (4, b'<', 2),
                    (TokenKind::Punct(b'>'), Some(TokenKind::Punct(b'>'))) => (4, b'>', 2),
                    (TokenKind::Punct(b'&'), _) => (3, b'&', 1),
                    (TokenKind::Punct(b'^'), _) => (2, b'^', 1),
                    (TokenKind::Punct(b'|'), _) => (1, b'|', 1),
                    _ => return Ok(left),
                };
            if precedence <= least {
                return Ok(left);
            }
            self.at += tokens;
            let right = self.constant_binary(precedence, depth + 1)?;
            left = match op {
                b'*' => left.wrapping_mul(right),
                b'/' if right == 0 => {
                    return Err(Problem::invalid(
                        line,
                        "division by zero in a constant expression",
                    ));
                }
                b'/' => left.wrapping_div(right),
                b'+' => left.wrapping_add(right),
                b'-' => left.wrapping_sub(right),
                b'<' => left.checked_shl(right as u32).unwrap_or(0),
                b'>' => left.wrapping_shr(right.clamp(0, 63) as u32),
                b'&' => left & right,
                b'^' => left ^ right,
                _ => left | right,
            };
        }
    }

    fn constant_unary(&mut self, depth: u32) -> Result<i64> {
        let line = self.line();
        if depth > MAX_DEPTH {
            return Err(Problem::invalid(
                line,
                "constant expression nested too deeply",
            ));
        }
        match self.next() {
            TokenKind::Int(value) => Ok(value as i64),
            TokenKind::Punct(b'-') => Ok(self.constant_unary(depth + 1)?.wrapping_neg()),
            TokenKind::Punct(b'+') => self.constant_unary(depth + 1),
            TokenKind::Punct(b'~') => Ok(!self.constant_unary(depth + 1)?),
            TokenKind::Punct(b'!') => Ok(i64::from(self.constant_unary(depth + 1)? == 0)),
            TokenKind::Punct(b'(') => {
                // `(.s64) 5` casts change nothing in 64-bit arithmetic.
                if let TokenKind::Dot("s64" | "u64") = self.peek() {
                    self.next();
                    self.expect(b')')?;
                    return self.constant_unary(depth + 1);
                }
                let value = self.constant_binary(0, depth + 1)?;
                self.expect(b')')?;
                Ok(value)
            }
            TokenKind::Word("WARP_SZ") => Ok(32),
            other => Err(Problem::invalid(
                line,
                format!("expected a constant, found {}", describe(other)),
            )),
        }
    }

    /// `.attribute(.managed)`: whether it says managed.
    fn attribute(&mut self) -> Result<bool> {
        let start = self.at;
        self.skip_parenthesised()?;
        Ok(self.tokens[start..self.at]
            .iter()
            .any(|t| t.kind == TokenKind::Dot("managed")))
    }

    fn skip_parenthesised(&mut self) -> Result<()> {
        self.expect(b'(')?;
        let mut depth = 1u32;
        while depth > 0 {
            let line = self.line();
            match self.next() {
                TokenKind::Punct(b'(') => depth += 1,
                TokenKind::Punct(b')') => depth -= 1,
                TokenKind::End => return Err(Problem::invalid(line, "parenthesis without an end")),
                _ => {}
            }
        }
        Ok(())
    }

    fn skip_section(&mut self) -> Result<()> {
        while self.peek() != TokenKind::Punct(b'{') {
            if self.peek() == TokenKind::End {
                return Err(Problem::invalid(self.line(), "section without a body"));
            }
            self.next();
        }
        while self.peek() != TokenKind::Punct(b'}') {
            if self.peek() == TokenKind::End {
                return Err(Problem::invalid(self.line(), "section without an end"));
            }
            self.next();
        }
        self.next();
        Ok(())
    }

    fn skip_statement(&mut self) -> Result<()> {
        loop {
            let line = self.line();
            match self.next() {
                TokenKind::Punct(b';') => return Ok(()),
                TokenKind::End => return Err(Problem::invalid(line, "statement without an end")),
                _ => {}
            }
        }
    }

    fn skip_line(&mut self, line: u32) {
        while self.line() == line && self.peek() != TokenKind::End {
            self.next();
        }
    }

    fn line(&self) -> u32 {
        self.tokens[self.at].line
    }

    fn peek(&self) -> TokenKind<'a> {
        self.tokens[self.at].kind
    }

    /// The next token; at the end, `End` again and again.
    fn next(&mut self) -> TokenKind<'a> {
        let kind = self.tokens[self.at].kind;
        if kind != TokenKind::End {
            self.at += 1;
        }
        kind
    }

    fn eat(&mut self, punct: u8) -> bool {
        let found = self.peek() == TokenKind::Punct(punct);
        if found {
            self.at += 1;
        }
        found
    }

    fn eat_dot(&mut self, word: &str) -> bool {
        let found = self.peek() == TokenKind::Dot(word);
        if found {
            self.at += 1;
        }
        found
    }

    fn expect(&mut self, punct: u8) -> Result<()> {
        let line = self.line();
        if self.eat(punct) {
            return Ok(());
        }
        Err(Problem::invalid(
            line,
            format!(
                "expected '{}', found {}",
                punct as char,
                describe(self.peek())
            ),
        ))
    }

    fn word(&mut self) -> Result<&'a str> {
        let line = self.line();
        match self.next() {
            TokenKind::Word(word) => Ok(word),
            other => Err(Problem::invalid(
                line,
                format!("expected a name, found {}", describe(other)),
            )),
        }
    }

    fn integer(&mut self) -> Result<u64> {
        let line = self.line();
        match self.next() {
            TokenKind::Int(n) => Ok(n),
            other => Err(Problem::invalid(
                line,
                format!("expected an integer, found {}", describe(other)),
            )),
        }
    }

    fn small_integer(&mut self, what: &str) -> Result<u32> {
        let line = self.line();
        u32::try_from(self.integer()?)
            .map_err(|_| Problem::invalid(line, format!("{what} too large")))
    }
}

fn var_space(directive: &str) -> Option<VarSpace> {
    Some(match directive {
        "reg" => VarSpace::Reg,
        "global" => VarSpace::Global,
        "const" => VarSpace::Const,
        "shared" => VarSpace::Shared,
        "local" => VarSpace::Local,
        "param" => VarSpace::Param,
        _ => return None,
    })
}

fn describe(token: TokenKind<'_>) -> String {
    match token {
        TokenKind::Word(w) => format!("'{}'", shorten(w)),
        TokenKind::Dot(w) => format!("'.{}'", shorten(w)),
        TokenKind::Int(n) => format!("'{n}'"),
        TokenKind::F32(_) | TokenKind::F64(_) => "a floating-point constant".into(),
        TokenKind::Text(_) => "a string".into(),
        TokenKind::Punct(c) => format!("'{}'", c as char),
        TokenKind::End => "the end of the text".into(),
    }
}

fn shorten(word: &str) -> &str {
    word.get(..80).unwrap_or(word)
}

/// Instructions that this device does not have, some of which have operand forms of their own.
fn is_unsupported(op: &str, modifiers: &[&str]) -> bool {
    match op {
        "tex"
        | "tld4"
        | "txq"
        | "suld"
        | "sust"
        | "sured"
        | "suq"
        | "istypep"
        | "wmma"
        | "mma"
        | "wgmma"
        | "tcgen05"
        | "tensormap"
        | "multimem"
        | "clusterlaunchcontrol"
        | "stmatrix" => true,
        "cp" => modifiers.contains(&"bulk") || modifiers.first() == Some(&"reduce"),
        "red" | "st" => modifiers.contains(&"async"),
        "cvta" | "prefetch" | "ld" => modifiers.contains(&"tensormap"),
        "fence" => modifiers.iter().any(|m| m.starts_with("tensormap")),
        _ => false,
    }
}
