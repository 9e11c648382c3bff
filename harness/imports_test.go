// Package harness holds nothing but this check of what its packages import.
package harness

import (
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const module = "epochtime"

// page holds the table of folders and what they may import of this module.
const page = "../docs/design.md"

// forTests are packages that the tests of every package may import.
var forTests = []string{"harness/dataset/datatest", "harness/dataset/arrays", "harness/launch", "internal/hostile", "internal/madefleet", "internal/scripted", "internal/testgraph", "internal/wallclock", "internal/zerocheck"}

// vague names say nothing about what a package holds.
var vague = []string{"util", "utils", "common", "helper", "helpers", "misc", "shared", "base", "lib"}

func TestImports(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	table, err := readTable(string(text))
	if err != nil {
		t.Fatalf("%s: %v", page, err)
	}
	found, err := imports("..", false)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 10 {
		t.Fatalf("only %v found: this is not the module's root", slices.Sorted(maps.Keys(found)))
	}
	for _, problem := range judge(table, found) {
		t.Error(problem)
	}
	tests, err := imports("..", true)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range judge(tableForTests(table), tests) {
		t.Error("a test in " + problem)
	}
}

// readTable reads the table of the page: for each folder, the folders that it may
// import.
func readTable(text string) (map[string][]string, error) {
	_, rest, found := strings.Cut(text, "| folder | what it holds | may import |\n|---|---|---|\n")
	if !found {
		return nil, errors.New("there is no table of folders")
	}
	table := map[string][]string{}
	for line := range strings.Lines(rest) {
		if !strings.HasPrefix(line, "|") {
			break
		}
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 5 {
			return nil, fmt.Errorf("this row has not three cells: %s", line)
		}
		folder := strings.Trim(cells[1], " `")
		if _, twice := table[folder]; twice {
			return nil, fmt.Errorf("%s has two rows", folder)
		}
		table[folder] = []string{}
		for name := range strings.SplitSeq(cells[3], ",") {
			if name = strings.TrimSpace(name); name != "–" {
				table[folder] = append(table[folder], inFull(name))
			}
		}
	}
	for folder, allowed := range table {
		for _, name := range allowed {
			if _, known := table[name]; !known {
				return nil, fmt.Errorf("%s may import %q, which has no row", folder, name)
			}
		}
	}
	return table, nil
}

// inFull returns the folder that a cell of the table names.
func inFull(name string) string {
	if strings.HasPrefix(name, "internal/") || strings.HasPrefix(name, "cmd/") {
		return name
	}
	return "harness/" + name
}

// tableForTests returns the table for test files, which may import their own
// package too.
func tableForTests(table map[string][]string) map[string][]string {
	out := map[string][]string{}
	for folder, allowed := range table {
		out[folder] = slices.Concat(allowed, forTests, []string{folder})
	}
	return out
}

// judge returns what is wrong with the imports of each folder.
func judge(table, found map[string][]string) []string {
	var out []string
	for _, folder := range slices.Sorted(maps.Keys(found)) {
		if slices.Contains(vague, path.Base(folder)) {
			out = append(out, folder+": name it after what it does")
		}
		allowed, known := table[folder]
		if !known && folder != "harness" {
			out = append(out, folder+" has no row in the table of docs/design.md")
			continue
		}
		for _, imported := range found[folder] {
			name, own := strings.CutPrefix(imported, module+"/")
			switch {
			case imported == "C" && folder != "harness/tfsession":
				out = append(out, folder+" uses cgo: only harness/tfsession does")
			case own && !slices.Contains(allowed, name):
				out = append(out, folder+" imports "+name+", which is not in its row of the table")
			}
		}
	}
	return out
}

// imports returns what the Go files of each folder under root import, including
// files for other systems: the test files, or all others.
func imports(root string, tests bool) (map[string][]string, error) {
	found := map[string][]string{}
	err := filepath.WalkDir(root, func(at string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if name := d.Name(); at != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "graphs" || name == "pygen" || name == "docs") {
			return fs.SkipDir
		}
		files, err := filepath.Glob(filepath.Join(at, "*.go"))
		if err != nil {
			return err
		}
		folder := strings.TrimPrefix(filepath.ToSlash(at), root+"/")
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") != tests {
				continue
			}
			list, err := importsOf(file)
			if err != nil {
				return err
			}
			found[folder] = append(found[folder], list...)
		}
		return nil
	})
	return found, err
}

func importsOf(file string) ([]string, error) {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		out = append(out, imported)
	}
	return out, nil
}

// The check must find what it is for.
func TestJudge(t *testing.T) {
	table, err := readTable(`
| folder | what it holds | may import |
|---|---|---|
| harness/record | results | – |
| harness/stats | medians | record |
| harness/launch | processes | record, internal/process |
| harness/tfsession | the binding | – |
| harness/machine | fingerprints | – |
| internal/process | groups | – |
| cmd/epochtime | the tool | stats |

More text | with | bars |
`)
	if err != nil {
		t.Fatal(err)
	}
	got := judge(table, map[string][]string{
		"harness/record":    {"fmt", "encoding/json", "golang.org/x/perf/benchmath"},
		"harness/stats":     {module + "/harness/record", module + "/harness/launch"},
		"harness/launch":    {module + "/internal/process", module + "/internal/scripted"},
		"harness/tfsession": {"C", module + "/harness/record"},
		"harness/machine":   {"C"},
		"harness/util":      nil,
		"cmd/epochtime":     {module + "/harness/tfsession", module + "/harness/stats"},
	})
	want := []string{
		"cmd/epochtime imports harness/tfsession, which is not in its row of the table",
		"harness/launch imports internal/scripted, which is not in its row of the table",
		"harness/machine uses cgo: only harness/tfsession does",
		"harness/stats imports harness/launch, which is not in its row of the table",
		"harness/tfsession imports harness/record, which is not in its row of the table",
		"harness/util has no row in the table of docs/design.md",
		"harness/util: name it after what it does",
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestReadTableRefuses(t *testing.T) {
	const head = "| folder | what it holds | may import |\n|---|---|---|\n"
	for name, text := range map[string]string{
		"no table":     "text",
		"two cells":    head + "| a | b |\n",
		"two rows":     head + "| harness/a | b | – |\n| harness/a | b | – |\n",
		"unknown name": head + "| harness/a | b | c |\n",
	} {
		if table, err := readTable(text); err == nil {
			t.Errorf("%s: it is read as %v", name, table)
		}
	}
}
