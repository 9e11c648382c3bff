package runtimes

import (
	"context"
	"debug/buildinfo"
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"

	"epochtime/harness/exporter"
)

// SearchPath is the variable that names folders of libraries. For a worker that does not
// find TensorFlow by itself, Command.Env has one that begins with TensorFlow's folder.
const SearchPath = "LD_LIBRARY_PATH"

// library is where a worker program finds the TensorFlow library.
type library struct {
	program string // of the worker
	python  string // that has the library; empty: the worker finds it by itself
	folder  string // that the worker's search path has to name; empty: the worker finds it by itself

	// find returns the Python of a worker that knows the folder; nil where something
	// else may have named it.
	find func() (string, error)
}

// findLibrary returns where a worker program finds its library. Programs that know its
// folder, as in a checkout, and those that load none, such as ssh, find it by themselves,
// as does one for which the configuration's environment, or else that of this process,
// names the folder. All others, such as an installed worker, need that of the Python that
// is returned by python. Errors are those of python and of exporter.LibraryFolder.
func findLibrary(program string, env map[string]string, python func() (string, error)) (library, error) {
	out := library{program: program}
	_, given := env[SearchPath]
	switch {
	case given || holds(filepath.SplitList(os.Getenv(SearchPath))):
		return out, nil
	case !lacks(program):
		out.find = python
		return out, nil
	}
	var err error
	if out.python, err = python(); err == nil {
		out.folder, err = exporter.LibraryFolder(out.python)
	}
	return out, err
}

// environment returns the variables that let the program find the library.
func (l library) environment() map[string]string {
	if l.folder == "" {
		return nil
	}
	path := l.folder
	if more := os.Getenv(SearchPath); more != "" {
		path += string(os.PathListSeparator) + more
	}
	return map[string]string{SearchPath: path}
}

// holds reports whether one of the folders has the library.
func holds(folders []string) bool {
	return slices.ContainsFunc(folders, func(dir string) bool {
		_, err := os.Stat(filepath.Join(dir, exporter.Library))
		return err == nil && dir != ""
	})
}

// lacks reports whether a program loads the library and does not itself name a folder
// that has it. Programs of other systems do not.
func lacks(program string) bool {
	path, err := exec.LookPath(program)
	if err != nil {
		return false
	}
	f, err := elf.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	if needed, err := f.ImportedLibraries(); err != nil || !slices.Contains(needed, exporter.Library) {
		return false
	}
	var folders []string
	for _, tag := range []elf.DynTag{elf.DT_RUNPATH, elf.DT_RPATH} {
		list, _ := f.DynString(tag) // a damaged program fails at its start
		for _, item := range list {
			folders = append(folders, filepath.SplitList(strings.ReplaceAll(item, "$ORIGIN", filepath.Dir(path)))...)
		}
	}
	return !holds(folders)
}

// versionFlag is how setup/link-native tells the C compiler, and so the program's build
// information, which TensorFlow a program is linked with.
var versionFlag = regexp.MustCompile(`-DEPOCHTIME_TENSORFLOW_VERSION=([0-9][0-9A-Za-z.+-]*)`)

// LinkedWith returns the version of TensorFlow that a worker program was linked with, or
// "" if the program does not say.
func LinkedWith(program string) string {
	path, err := exec.LookPath(program)
	if err != nil {
		return ""
	}
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return ""
	}
	return linkedVersion(info.Settings)
}

func linkedVersion(settings []debug.BuildSetting) string {
	for _, s := range settings {
		if found := versionFlag.FindStringSubmatch(s.Value); found != nil && s.Key == "CGO_CFLAGS" {
			return found[1]
		}
	}
	return ""
}

// unloaded are the words of the dynamic linker about a library that is missing, or that
// lacks what a program calls.
var unloaded = regexp.MustCompile(`(?m)error while loading shared libraries: .*tensorflow|(symbol lookup error|undefined symbol|version .* not found)`)

// explain returns why a worker ended before it said anything, given what it wrote to
// stderr: the TensorFlow library does not load. It is empty for other causes, and for a
// program that does not say what it was linked with.
func (l library) explain(stderr string) string { return l.explainOf(stderr, LinkedWith(l.program)) }

func (l library) explainOf(stderr, linked string) string {
	if linked == "" || !unloaded.MatchString(stderr) {
		return ""
	}
	text := fmt.Sprintf("the TensorFlow library of %s does not load: it was linked with TensorFlow %s", l.program, linked)
	python := l.python
	if python == "" && l.find != nil {
		python, _ = l.find() // "" if it fails
	}
	if python == "" {
		return text + ", and where it looks is another or none"
	}
	has := "none"
	if p, err := exporter.AskPython(context.Background(), python); err == nil && p.TensorFlow != "" {
		has = p.TensorFlow
	}
	return fmt.Sprintf("%s, and %s has %s: install %s there, or build the worker for that one", text, python, has, linked)
}
