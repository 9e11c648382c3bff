//go:build unix

package runtimes

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"epochtime/harness/exporter"
	"epochtime/harness/record"
)

// linked writes a program that the dynamic linker would give these libraries, looked up
// in these folders, which may be empty. It cannot run.
func linked(t *testing.T, needs, folders string) string {
	t.Helper()
	text := "\x00" + needs + "\x00" + folders + "\x00.names\x00"
	entries := []elf.Dyn64{{Tag: int64(elf.DT_NEEDED), Val: 1}}
	if folders != "" {
		entries = append(entries, elf.Dyn64{Tag: int64(elf.DT_RUNPATH), Val: uint64(len(needs)) + 2})
	}
	entries = append(entries, elf.Dyn64{})
	const head, section, entry = 64, 64, 16
	at := uint64(head + 3*section)
	var out bytes.Buffer
	for _, part := range []any{
		elf.Header64{
			Ident: [elf.EI_NIDENT]byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)},
			Type:  uint16(elf.ET_DYN), Machine: uint16(elf.EM_X86_64), Version: 1, Shoff: head, Ehsize: head, Shentsize: section, Shnum: 3, Shstrndx: 2,
		},
		elf.Section64{},
		elf.Section64{Type: uint32(elf.SHT_DYNAMIC), Off: at, Size: entry * uint64(len(entries)), Link: 2, Entsize: entry},
		elf.Section64{Type: uint32(elf.SHT_STRTAB), Off: at + entry*uint64(len(entries)), Size: uint64(len(text))},
		entries, []byte(text),
	} {
		if err := binary.Write(&out, binary.LittleEndian, part); err != nil {
			t.Fatal(err)
		}
	}
	return put(t, filepath.Join(t.TempDir(), "worker"), out.String())
}

// put writes a file that can be run, and its folders, and returns its path.
func put(t *testing.T, path, text string) string {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o755)); err != nil {
		t.Fatal(err)
	}
	return path
}

// python writes a Python that has TensorFlow 2.20.0 in the folder that it returns too.
func python(t *testing.T) (program, library string) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", filepath.Join(dir, "cache"))
	library = filepath.Dir(put(t, filepath.Join(dir, "tensorflow", exporter.Library), ""))
	answer := fmt.Sprintf(`{"program": "x", "version": "3.12.1", "tensorflow": "2.20.0", "library": %q, "keras": "3.15.1"}`, library)
	return put(t, filepath.Join(dir, "python"), "#!/bin/sh\necho '"+answer+"'\n"), library
}

// A worker is told where TensorFlow is if, and only if, it would not find it.
func TestFindLibrary(t *testing.T) {
	with, library := python(t)
	other := t.TempDir()
	t.Setenv("LD_LIBRARY_PATH", other)
	told := library + ":" + other
	beside := linked(t, exporter.Library, "/nowhere:$ORIGIN")
	put(t, filepath.Join(filepath.Dir(beside), exporter.Library), "")
	for name, c := range map[string]struct {
		program string
		env     map[string]string
		want    string
	}{
		"installed":              {program: linked(t, exporter.Library, ""), want: told},
		"its folder is gone":     {program: linked(t, exporter.Library, filepath.Join(library, "gone")), want: told},
		"of a checkout":          {program: linked(t, exporter.Library, library)},
		"beside the library":     {program: beside},
		"without TensorFlow":     {program: linked(t, "libc.so.6", "")},
		"a script":               {program: put(t, filepath.Join(t.TempDir(), "w"), "#!/bin/sh\n")},
		"a path is asked for":    {program: linked(t, exporter.Library, ""), env: map[string]string{"LD_LIBRARY_PATH": "/mine"}},
		"another is asked for":   {program: linked(t, exporter.Library, ""), env: map[string]string{"TF_X": "1"}, want: told},
		"a program that is gone": {program: filepath.Join(other, "gone")},
	} {
		got, err := Find(record.Config{Worker: []string{c.program, "x"}, Env: c.env}, with)
		if err != nil || got.Env[SearchPath] != c.want || len(got.Argv) != 2 {
			t.Errorf("%s: %q with %q, %v; want %q", name, got.Argv, got.Env, err, c.want)
		}
	}
	t.Setenv("LD_LIBRARY_PATH", other+":"+library)
	if got, err := Find(record.Config{Worker: []string{linked(t, exporter.Library, "")}}, "./no-python"); err != nil || got.Env != nil {
		t.Errorf("with the folder in the environment: %q, %v", got.Env, err)
	}
	t.Setenv("LD_LIBRARY_PATH", "")
	if got, err := Find(record.Config{Worker: []string{linked(t, exporter.Library, "")}}, with); err != nil || got.Env[SearchPath] != library {
		t.Errorf("without a path: %q, %v, want %s", got.Env, err, library)
	}
	if _, err := Find(record.Config{Worker: []string{linked(t, exporter.Library, "")}}, "./no-python"); !errors.Is(err, exporter.ErrNoPython) {
		t.Errorf("without a Python: %v", err)
	}
}

func TestLinkedVersion(t *testing.T) {
	flags := `-O2 -g "-I/a b/.native/include" -DEPOCHTIME_TENSORFLOW_BUILD=1_2_3 -DEPOCHTIME_TENSORFLOW_VERSION=2.22.0.dev20261128`
	for want, settings := range map[string][]debug.BuildSetting{
		"2.22.0.dev20261128": {{Key: "CGO_ENABLED", Value: "1"}, {Key: "CGO_CFLAGS", Value: flags}},
		"":                   {{Key: "CGO_CFLAGS", Value: "-DEPOCHTIME_TENSORFLOW_VERSION=unknown"}, {Key: "CGO_LDFLAGS", Value: flags}, {Key: "CGO_CFLAGS", Value: "-O2"}},
	} {
		if got := linkedVersion(settings); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Only what the dynamic linker says is explained, and both versions are named.
func TestExplain(t *testing.T) {
	with, folder := python(t)
	l := library{program: "w", python: with, folder: folder}
	for _, stderr := range []string{
		"w: error while loading shared libraries: libtensorflow_framework.so.2: cannot open shared object file: No such file or directory\n",
		"notice\nw: symbol lookup error: w: undefined symbol: TF_NewStatus\n",
	} {
		got := l.explainOf(stderr, "2.21.0")
		if !strings.Contains(got, "linked with TensorFlow 2.21.0, and "+with+" has 2.20.0: install 2.21.0 there") {
			t.Errorf("%q: %q", stderr, got)
		}
	}
	if got := l.explainOf("panic: no memory", "2.21.0"); got != "" {
		t.Errorf("another end is explained by %q", got)
	}
	if got := l.explainOf("undefined symbol: x", ""); got != "" {
		t.Errorf("a program that does not say its version is explained by %q", got)
	}
	if got := (library{program: "w"}).explainOf("undefined symbol: x", "2.21.0"); !strings.HasSuffix(got, "and where it looks is another or none") {
		t.Errorf("without a Python: %q", got)
	}
	known := library{program: "w", find: func() (string, error) { return with, nil }}
	if got := known.explainOf("undefined symbol: x", "2.21.0"); !strings.Contains(got, "linked with TensorFlow 2.21.0, and "+with+" has 2.20.0") {
		t.Errorf("where the library was replaced in place: %q", got)
	}
}
