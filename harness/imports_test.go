// Package harness holds nothing but this check of what its packages import.
package harness

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const module = "epochtime"

// rooms is docs/design.md's table: which packages of this module a package may
// import. The standard library and other modules are free to all. Test files
// are exempt.
var rooms = map[string]string{
	"harness/hdf5":      "",
	"harness/graph":     "hdf5",
	"harness/record":    "",
	"harness/trace":     "",
	"harness/protocol":  "record trace",
	"harness/stats":     "record",
	"harness/machine":   "record",
	"harness/dataset":   "graph",
	"harness/feed":      "dataset graph",
	"harness/epoch":     "feed record",
	"harness/tfsession": "graph record trace",
	"harness/launch":    "protocol record trace",
	"harness/plan":      "record stats",
	"harness/compare":   "record stats machine",
	"harness/store":     "record stats compare",
	"harness/changes":   "",
	"harness/report":    "record stats machine compare trace",

	"harness/report/formats": "record stats compare report",

	"harness/train": "tfsession epoch feed dataset graph record trace internal/capacity",

	"cmd/epochtime":        "graph record protocol stats machine dataset feed epoch launch plan compare store changes report report/formats trace",
	"cmd/epochtime-worker": "train tfsession epoch feed dataset graph machine protocol record trace internal/capacity",

	// Finds out how often verdicts are wrong.
	"internal/gatecheck": "record stats compare",

	// Makes the figures of docs/history.md.
	"internal/simulate": "changes",

	// Whether data fits in memory: for launches and for resident data.
	"internal/capacity": "graph",

	// For tests: a worker that follows a script.
	"internal/scripted": "protocol record trace",
}

// vague names say nothing about what lives there.
var vague = []string{"util", "utils", "common", "helper", "helpers", "misc", "shared", "base", "lib"}

func TestImports(t *testing.T) {
	found, err := imports("..")
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 10 {
		t.Fatalf("only %v found: this is not the module's root", slices.Sorted(maps.Keys(found)))
	}
	for _, problem := range judge(found) {
		t.Error(problem)
	}
}

// judge says what is wrong with the imports of each folder.
func judge(found map[string][]string) []string {
	var out []string
	for _, folder := range slices.Sorted(maps.Keys(found)) {
		if slices.Contains(vague, path.Base(folder)) {
			out = append(out, folder+": name it after what it does")
		}
		allowed, known := rooms[folder]
		if !known {
			out = append(out, folder+" is not in the table of rooms: add it there and in docs/design.md")
			continue
		}
		for _, imported := range found[folder] {
			name, own := strings.CutPrefix(imported, module+"/")
			switch {
			case imported == "C" && folder != "harness/tfsession":
				out = append(out, folder+" uses cgo: only harness/tfsession does")
			case own && !slices.Contains(strings.Fields(allowed), strings.TrimPrefix(name, "harness/")):
				out = append(out, folder+" imports "+name+", which is not in its row of the table")
			}
		}
	}
	return out
}

// imports lists what the Go files of each folder under root import, tests left
// out and files for other systems included.
func imports(root string) (map[string][]string, error) {
	found := map[string][]string{}
	err := filepath.WalkDir(root, func(at string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if name := d.Name(); at != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "graphs" || name == "pygen") {
			return fs.SkipDir
		}
		files, err := filepath.Glob(filepath.Join(at, "*.go"))
		if err != nil {
			return err
		}
		folder := strings.TrimPrefix(filepath.ToSlash(at), root+"/")
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
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

// The check itself must find what it is for.
func TestJudge(t *testing.T) {
	got := judge(map[string][]string{
		"harness/record":       {"fmt", "encoding/json", "golang.org/x/perf/benchmath"},
		"harness/stats":        {module + "/harness/record", module + "/harness/launch"},
		"harness/tfsession":    {"C", module + "/harness/graph"},
		"harness/machine":      {"C"},
		"harness/util":         nil,
		"cmd/epochtime":        {module + "/harness/tfsession", module + "/harness/report"},
		"cmd/epochtime-worker": {module + "/cmd/epochtime", module + "/harness/tfsession"},
		"harness/launch":       {module + "/internal/scripted"},
	})
	want := []string{
		"cmd/epochtime imports harness/tfsession, which is not in its row of the table",
		"cmd/epochtime-worker imports cmd/epochtime, which is not in its row of the table",
		"harness/launch imports internal/scripted, which is not in its row of the table",
		"harness/machine uses cgo: only harness/tfsession does",
		"harness/stats imports harness/launch, which is not in its row of the table",
		"harness/util: name it after what it does",
		"harness/util is not in the table of rooms: add it there and in docs/design.md",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}
