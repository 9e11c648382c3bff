package bundle

import (
	"debug/buildinfo"
	"debug/elf"
	"fmt"
	"path"
	"strings"

	"golang.org/x/mod/semver"

	"epochtime/harness/runtimes"
)

// machines are the architectures of programs, as uname -m names them.
var machines = map[elf.Machine]string{elf.EM_X86_64: "x86_64", elf.EM_AARCH64: "aarch64"}

// programs says what the two programs of a bundle need. Both are for one architecture.
type programs struct {
	machine    string
	glibc      string // newest version that a symbol of them has
	tensorflow string // that the worker is linked with
}

// describe reads the two programs. The error is ErrPrograms, or that of reading.
func describe(tool, worker string) (programs, error) {
	p := programs{tensorflow: runtimes.LinkedWith(worker)}
	for _, program := range []struct{ file, command string }{{tool, "epochtime"}, {worker, "epochtime-worker"}} {
		info, err := buildinfo.ReadFile(program.file)
		if err != nil {
			return p, fmt.Errorf("%w: %s is no program of Go: %w", ErrPrograms, program.file, err)
		}
		if path.Base(info.Path) != program.command {
			return p, fmt.Errorf("%w: %s is %s, and not %s", ErrPrograms, program.file, info.Path, program.command)
		}
		machine, glibc, err := needs(program.file)
		if err != nil {
			return p, err
		}
		if p.machine != "" && p.machine != machine {
			return p, fmt.Errorf("%w: %s is for %s, and %s for %s", ErrPrograms, tool, p.machine, worker, machine)
		}
		p.machine = machine
		if newer(glibc, p.glibc) {
			p.glibc = glibc
		}
	}
	if p.tensorflow == "" {
		return p, fmt.Errorf("%w: %s does not say which TensorFlow it is linked with", ErrPrograms, worker)
	}
	return p, nil
}

// oldest is the C library that TensorFlow's wheels take.
const oldest = "2.27"

// needs returns for which machine a program is, and which C library it takes. A program
// that names folders of this machine would look there on another one too.
func needs(file string) (machine, glibc string, err error) {
	f, err := elf.Open(file)
	if err != nil {
		return "", "", fmt.Errorf("%w: %s is no program for Linux: %w", ErrPrograms, file, err)
	}
	defer f.Close()
	if machine = machines[f.Machine]; machine == "" {
		return "", "", fmt.Errorf("%w: %s is for %v, for which TensorFlow has no wheel", ErrPrograms, file, f.Machine)
	}
	for _, tag := range []elf.DynTag{elf.DT_RUNPATH, elf.DT_RPATH} {
		if folders, err := f.DynString(tag); err == nil && len(folders) > 0 {
			return "", "", fmt.Errorf("%w: %s names %s, a folder of this machine: build it as 'make install' does", ErrPrograms, file, folders[0])
		}
	}
	glibc = oldest
	symbols, err := f.ImportedSymbols()
	if err != nil { // it is static
		return machine, glibc, nil
	}
	for _, s := range symbols {
		if version, yes := strings.CutPrefix(s.Version, "GLIBC_"); yes && newer(version, glibc) {
			glibc = version
		}
	}
	return machine, glibc, nil
}

// newer reports whether a version is newer than another, which may be empty.
func newer(version, than string) bool { return semver.Compare("v"+version, "v"+than) > 0 }
