# Read by scripts: opens the programs that `cargo xtask gpu-bundle` has packed, in the folder of the bundle.
unpack() { # folder
    if [ -f "$1/programs.tar.gz" ] && [ ! -d "$1/programs" ]; then
        tar -C "$1" -xzf "$1/programs.tar.gz"
    fi
}
