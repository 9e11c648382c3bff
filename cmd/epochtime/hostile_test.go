package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"epochtime/harness/launch"
	"epochtime/harness/measure"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/trace"
	"epochtime/internal/hostile"
	"epochtime/internal/testgraph"
)

// shown is everything that a command line writes to the terminal.
func shown(t *testing.T, args ...string) string {
	t.Helper()
	var out, complaints bytes.Buffer
	s := newStreams(strings.NewReader(""), &out, &complaints)
	root := newRoot(s)
	root.SetArgs(args)
	exitCode(s.err, root.ExecuteContext(t.Context()))
	if err := s.flush(); err != nil {
		t.Fatal(err)
	}
	return out.String() + complaints.String()
}

// hostileFiles makes a folder with records of every kind, a history, graphs, data and a
// trace, all full of hostile text, and makes it the working directory.
func hostileFiles(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, value := range map[string]string{"HOME": "home", "XDG_CACHE_HOME": "cache", "XDG_DATA_HOME": "data", "EPOCHTIME_DB": "history.db", "EPOCHTIME_GRAPHS": "graphs"} {
		t.Setenv(name, value)
	}
	for i, kind := range hostile.Kinds {
		var b bytes.Buffer
		if err := hostile.Record(kind, fmt.Sprintf("00c0ffee0000000%d", i)).Write(&b); err != nil {
			t.Fatal(err)
		}
		write(t, kind+".json", b.Bytes())
	}
	for _, s := range hostile.Strings() {
		if name := "g" + s; !strings.ContainsAny(name, "/\x00") && len(name) < 200 {
			if err := testgraph.Write(filepath.Join("graphs", name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := testgraph.Write("few/cnn\x1b[31m\u202e\nFORGED"); err != nil {
		t.Fatal(err)
	}
	var table bytes.Buffer
	var header, row []string
	for i, s := range hostile.Strings() {
		header, row = append(header, fmt.Sprintf("c%d%s", i, strings.ToValidUTF8(s, "?"))), append(row, fmt.Sprint(i))
	}
	if err := csv.NewWriter(&table).WriteAll([][]string{header, row, row}); err != nil {
		t.Fatal(err)
	}
	write(t, "table.csv", table.Bytes())
	write(t, hostileName, table.Bytes())
	var chrome bytes.Buffer
	if err := trace.Write(&chrome, hostileTrace()); err != nil {
		t.Fatal(err)
	}
	write(t, "step.json", chrome.Bytes())
}

// hostileName is that of a file, as a glob may find.
const hostileName = "t\x1b[31m\u202e\nFORGED.csv"

func write(t *testing.T, name string, text []byte) {
	t.Helper()
	if err := os.WriteFile(name, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

func hostileTrace() *trace.Trace {
	out := &trace.Trace{About: map[string]string{}}
	for i, s := range hostile.Strings() {
		out.About["graph"], out.About["tensorflow"] = "g\x1b[31m\nFORGED", "\u202e2"
		out.Spans = append(out.Spans, trace.Span{Device: fmt.Sprint("d", s), Op: fmt.Sprint("o", s), Node: fmt.Sprint("n", s), Start: int64(i), Duration: 1})
	}
	return out
}

// Every verb shows hostile text harmlessly, in tables, sentences, formats and errors.
func TestHostileVerbs(t *testing.T) {
	hostileFiles(t)
	tried := walk(t, [][]string{
		{"history", "import", "run.json", "ab.json", "sweep.json", "tune.json", "explain.json", "estimate.json", "probe.json", "largest-batch.json", "factors.json"}, {"history"}, {"history", "list", "--json", "-"},
		{"history", "show", "@last"}, {"history", "show", "@00c0ffee00000001", "--json", "-"}, {"history", "tag", "@last", "main"},
		{"history", "trend", "cnn"}, {"history", "best"}, {"history", "best", "--json", "-"}, {"history", "export", "--to", "copies"}, {"history", "check"}, {"history", "prune", "--older-than", "30d"},
		{"compare", "run.json", "run.json"}, {"compare", "ab.json", "ab.json", "ab.json"}, {"compare", "sweep.json", "sweep.json", "--json", "-"},
		{"compare", "tune.json", "tune.json"}, {"compare", "explain.json", "run.json"}, {"explain", "--resume", "explain.json"}, {"estimate", "--resume", "estimate.json"}, {"estimate", "gsame", "--samples", "9", "--from", "estimate.json"}, {"factors", "--resume", "factors.json"}, {"fleet", "--resume", "fleet.json"}, {"compare", "factors.json", "run.json"}, {"compare", "run.json", "ab.json"},
		{"compare", "probe.json", "probe.json"}, {"probe", "--resume", "probe.json"}, {"largest-batch", "--resume", "largest-batch.json"},
		{"list"}, {"list", "--json", "-"}, {"data", hostileName, "--graphs", "few"}, {"data", "table.csv", "--graphs", "few", "--json", "-"},
		{"trace", "step.json", "--top", "1000"}, {"trace", "step.json", "--json", "-"}, {"version"}, {"--help"},
		{"__complete", "run", ""}, {"__complete", "compare", "@"}, {"__complete", "history", "trend", ""},
		{"data", "table.csv", "--graphs", "few", "--input", "x=nothing"},
		{"report", "run.json", "ab.json", "sweep.json", "tune.json", "--format", "html", "--allow-different", "--rank", "cost"},
		{"report", "run.json", "tune.json", "--format", "html"},
		{"nightly", "gsame", "--allow-concurrent", "--build", `printf 'a\033]0;t\007\n\342\200\256'; exit 1`},
	})
	for _, kind := range hostile.Kinds {
		for _, format := range []string{"text", "markdown", "csv", "json", "benchfmt", "openmetrics", "junit", "mllog", "html"} {
			tried = append(tried, walk(t, [][]string{{"report", kind + ".json", "--format", format}})...)
		}
	}
	for i, s := range hostile.Strings() {
		wrong := wrongUses(s)
		for k := range 3 { // in turn, because there are many
			tried = append(tried, walk(t, [][]string{wrong[(3*i+k)%len(wrong)]})...)
		}
	}
	for _, c := range tree(newRoot(silent)) {
		path := strings.Fields(c.CommandPath())[1:]
		walked := slices.ContainsFunc(tried, func(args []string) bool { return len(args) >= len(path) && slices.Equal(args[:len(path)], path) })
		if !walked && !slices.Contains([]string{"completion", "help"}, append(path, "")[0]) {
			t.Errorf("no hostile text was given to %s", c.CommandPath())
		}
	}
}

// wrongUses are command lines that fail because of a text, and say so.
func wrongUses(s string) [][]string {
	return [][]string{
		{s}, {"report", "--format", s, "run.json"}, {"report", "n" + s}, {"report", "run.json", "--format", "html", "--rank", s}, {"run", "n" + s}, {"run", "--" + s}, {"run", "cnn", "--device", s}, {"run", "cnn", "--settings", s}, {"run", "cnn", "--env", s},
		{"ab", "n" + s, "--b", "batch=3"}, {"ab", "cnn", "--b", s}, {"sweep", "n" + s, "--batch", "1,2"}, {"tune", "n" + s, "--max-time", "1m"}, {"factors", "n" + s}, {"factors", "gsame", "--factors", s},
		{"trace", "n" + s}, {"data", "n" + s}, {"compare", "n" + s, "run.json"}, {"history", "tag", "@last", s}, {"history", "show", "n" + s},
		{"history", "trend", s}, {"export", "--python", "n" + s, "cnn"}, {"doctor", "--worker", "n" + s}, {"list", "--graphs", "n" + s}, {"bundle", "n" + s}, {"bundle", "--suite", "n" + s}, {"bundle", "check", "n" + s},
		{"run", "cnn", "--price", s + "/h"}, {"report", "run.json", "--prices", "n" + s},
		{"probe", s}, {"probe", "--device", s}, {"largest-batch", "n" + s}, {"largest-batch", "gsame", "--memory-limit", s},
		{"explain", "n" + s}, {"estimate", "n" + s, "--samples", "9"}, {"estimate", "gsame", "--samples", "9", "--from", "n" + s}, {"upgrade-check", "n" + s, "--from", "a", "--to", "b"}, {"upgrade-check", "cnn", "--from", "n" + s, "--to", "b"}, {"explain", "cnn", "--python", "n" + s}, {"nightly", "n" + s}, {"nightly", "gsame", "--worker", "n" + s},
	}
}

func walk(t *testing.T, lines [][]string) [][]string {
	t.Helper()
	for _, args := range lines {
		out := shown(t, args...)
		if found := hostile.Found(out); len(found) > 0 {
			t.Errorf("epochtime %.200q lets through %d, such as %s", args, len(found), found[0])
		}
		if strings.TrimSpace(out) == "" && !slices.Contains(args, "tag") {
			t.Errorf("epochtime %.200q shows nothing", args)
		}
	}
	return lines
}

// What the terminal shows as JSON is the record as it was.
func TestHostileJSON(t *testing.T) {
	want := hostile.Record(record.KindAB, "00c0ffee00000000")
	path := filepath.Join(t.TempDir(), "ab.json")
	var b bytes.Buffer
	if err := want.Write(&b); err != nil {
		t.Fatal(err)
	}
	write(t, path, b.Bytes())
	out := shown(t, "report", path, "--format", "json")
	if found := hostile.Found(out); len(found) > 0 {
		t.Errorf("it lets through %s", found[0])
	}
	got, err := record.Read(strings.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range want.Argv {
		if utf8.ValidString(s) && got.Argv[i] != s {
			t.Errorf("%q is read back as %q", s, got.Argv[i])
		}
	}
}

// hostileWorker answers a doctor with hostile text, or fails with it.
type hostileWorker struct {
	text  string
	fails bool
}

func (w hostileWorker) Run(_ context.Context, _ protocol.Job, _ func(protocol.Event)) (*launch.Outcome, error) {
	o := &launch.Outcome{Stderr: "last words\n" + w.text, Launch: record.Launch{Status: record.Error, Reason: "reason" + w.text}}
	if !w.fails {
		m := record.Machine{Hostname: w.text, OS: w.text, Kernel: w.text, Arch: w.text, CPU: w.text, CPUFeatures: []string{w.text}, Governor: w.text, Virtualization: w.text}
		o.Launch.Status = record.OK
		o.Hello = &protocol.Hello{TensorFlow: w.text, Machine: m, Devices: []record.Device{{Name: w.text}}}
		o.Doctor = &protocol.Health{MatMulSize: 2, MatMulSeconds: 1}
	}
	return o, nil
}

// What a worker says, and how it fails, is harmless in a doctor's findings, in an error,
// in a notice, and in the title of a progress bar.
func TestHostileWorker(t *testing.T) {
	for _, text := range hostile.Strings() {
		var b bytes.Buffer
		s := newStreams(nil, &b, &b)
		for _, fails := range []bool{false, true} {
			err := examine(t.Context(), findings{s.out, 0}, hostileWorker{text, fails}, "none", record.Config{})
			if (err != nil) != fails {
				t.Fatal(err)
			}
			exitCode(s.out, err)
		}
		p := newProgress(s.out)
		p.Notice(measure.Failed, text+"\n")
		p.Notice(measure.Warning, text)
		if _, err := s.out.Write([]byte(p.position(measure.Progress{Title: text}))); err != nil {
			t.Fatal(err)
		}
		if found := hostile.Found(b.String()); len(found) > 0 {
			t.Errorf("%.40q lets through %s", text, found[0])
		}
	}
}

// Nothing here writes past the streams, which make text harmless.
func TestOnlyStreams(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			call, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			of, _ := call.X.(*ast.Ident)
			if of == nil {
				return true
			}
			what := of.Name + "." + call.Sel.Name
			if slices.Contains([]string{"os.Stdout", "os.Stderr", "fmt.Print", "fmt.Println", "fmt.Printf"}, what) {
				if seen++; name != "main.go" {
					t.Errorf("%s: %s writes past the streams", set.Position(n.Pos()), what)
				}
			}
			return true
		})
	}
	if seen != 2 {
		t.Errorf("%d uses of standard streams, want those of main.go", seen)
	}
}
