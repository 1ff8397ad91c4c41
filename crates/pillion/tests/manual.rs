//! What the documents say is so.

use std::path::Path;

/// A claim without a test is a hope.
#[test]
fn the_threat_models_tests_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = std::fs::read_to_string(root.join("docs/threat-model.md")).unwrap();
    let mut named = 0;
    for line in text.lines().filter(|line| line.starts_with("| cannot")) {
        let tests: Vec<_> = line
            .split('`')
            .filter_map(|words| words.split_once(".rs: "))
            .collect();
        assert!(!tests.is_empty(), "nothing shows that one {line}");
        for (file, test) in tests {
            let path = root.join(format!("{file}.rs"));
            let source = std::fs::read_to_string(&path)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            // On its own, or in a macro of property tests.
            let is_test = source.split("#[test]").skip(1).any(|behind| {
                let behind = behind.trim_start();
                let behind = behind
                    .lines()
                    .find(|line| !line.trim_start().starts_with("#["));
                behind.is_some_and(|line| line.contains(&format!("fn {test}(")))
            });
            assert!(is_test, "{file}.rs has no test {test}");
            named += 1;
        }
    }
    assert!(named > 40, "{named}");
}
