package formats

import (
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/internal/harmless"
)

// explainRecord has a bill of two sides. Of side B, the launches without callbacks fail.
func explainRecord() *record.Record {
	fit, less, graph := config(), config(), config()
	fit.Runtime, less.Runtime, less.Callbacks = record.RuntimeFit, record.RuntimeFit, record.PartNone
	var runs []record.Run
	for _, side := range []string{"A", "B"} {
		for _, r := range []record.Run{run("cnn", fit, six...), run("cnn", less, times(0.75, six)...), run("cnn", graph, times(0.5, six)...)} {
			r.Side = side
			for i := range r.Launches {
				of := &r.Launches[i]
				if r.Config.Fits() {
					of.Versions = map[string]string{"keras": "3.15.1", "python": "3.11.7"}
				}
				for k := range of.Epochs {
					if e := &of.Epochs[k]; r.Config.Fits() && r.Config.Callbacks == "" {
						e.Callbacks, e.Other = e.Other, 0
					}
				}
			}
			runs = append(runs, r)
		}
	}
	for i := range runs[4].Launches {
		runs[4].Launches[i].Status, runs[4].Launches[i].Reason, runs[4].Launches[i].Epochs = record.Error, "a callback is needed", nil
	}
	r := of(record.KindExplain, runs...)
	r.Bills = []record.Bill{aBill("A"), aBill("B")}
	b := &r.Bills[1]
	b.Moved = []record.Line{{Part: record.PartStep, Seconds: record.Interval{Median: 0.5, Low: 0.25, High: 0.75, Confidence: 0.95}, Share: 2}}
	for _, i := range []int{1, 3} {
		b.Lines[i] = record.Line{Part: b.Lines[i].Part, Seconds: exactly(0), Missing: "a callback is needed"}
	}
	b.Explained, b.Bound, b.Proof, b.First, b.Operations, b.Stages = exactly(0), "", nil, nil, nil, nil
	return r
}

// aBill is that of a side.
func aBill(side string) record.Bill {
	around := func(v float64) record.Interval {
		return record.Interval{Median: v, Low: record.Number(v - 0.0625), High: record.Number(v + 0.125), Confidence: 0.95}
	}
	return record.Bill{
		Graph: "cnn", Side: side, Whole: around(0.25), Steps: 32, Explained: around(1.5), PerStep: 0.0009765625, PerEpoch: 0.0078125, Hidden: 0.5, First: new(around(2.25)),
		Lines: []record.Line{
			{Part: record.PartStep, Seconds: around(0.125), Share: 0.5}, {Part: record.PartCallbacks, Seconds: around(0.0625), Share: 0.25},
			{Part: record.PartOwn, Seconds: around(0.1875), Share: 0.75}, {Part: record.PartUnexplained, Seconds: around(-0.125), Share: -0.5},
		},
		Bound: record.PartOwn, Proof: []string{"ab", "cnn", "--runtime=fit", "--a", "steps-per-execution=1", "--b", "steps-per-execution=32"}, Idle: 0.25,
		Operations: []record.Operation{{Op: "MatMul", Count: 3, Seconds: 0.5, Share: 0.75}}, Stages: []record.Stage{{Name: "map", File: "train.py", Line: 38, Seconds: 0.5}},
	}
}

// isFigure reports whether a row of CSV is for a figure of a bill or of an estimate, or
// for an effect.
func isFigure(row map[string]string) bool {
	return row["bill_part"] != "" || row["estimate"] != "" || row["per"] != ""
}

// checkBills reads the bills of a record back from every format that has numbers.
func checkBills(t *testing.T, r *record.Record) {
	t.Helper()
	if len(r.Bills) == 0 {
		return
	}
	for _, epochs := range []bool{false, true} {
		checkBillCSV(t, r, epochs)
	}
	checkBillMarkdown(t, r)
	checkBillMLLog(t, r)
	checkBillBenchfmt(t, r)
	checkBillMetrics(t, r)
}

func checkBillCSV(t *testing.T, r *record.Record, epochs bool) {
	t.Helper()
	data, err := CSV(r, epochs)
	all := parsed(t, data, err, readCSV)
	got := map[[3]string]map[string]string{}
	for _, row := range all {
		if isFigure(row) {
			got[[3]string{row["graph"], row["side"], row["bill_part"]}] = row
		}
	}
	for _, b := range r.Bills {
		for _, l := range b.Lines {
			row, seconds, share := got[[3]string{b.Graph, b.Side, string(l.Part)}], l.Seconds, l.Share
			if l.Missing != "" {
				seconds, share = exactly(math.NaN()), math.NaN()
			}
			same(t, "csv bill_s of "+string(l.Part), row["bill_s"], seconds.Median)
			same(t, "csv bill_low_s", row["bill_low_s"], float64(seconds.Low))
			same(t, "csv bill_high_s", row["bill_high_s"], float64(seconds.High))
			same(t, "csv bill_share", row["bill_share"], share)
			if row["bill_missing"] != l.Missing || row["status"] != "" || row["epoch_s"] != "" {
				t.Errorf("csv: the row of %s is %v", l.Part, row)
			}
		}
		same(t, "csv whole", got[[3]string{b.Graph, b.Side, "whole"}]["bill_s"], b.Whole.Median)
	}
}

func checkBillMarkdown(t *testing.T, r *record.Record) {
	t.Helper()
	tables := readMarkdown(Markdown(r, nil))
	tables = slices.DeleteFunc(tables, func(rows [][]string) bool { return len(rows[0]) != len(report.BillHeader) })
	if len(tables) != len(r.Bills) {
		t.Fatalf("markdown has %d tables for %d bills", len(tables), len(r.Bills))
	}
	for i, b := range r.Bills {
		if rows := tables[i]; len(rows) != len(b.Lines)+2 || rows[len(rows)-1][1] != report.Seconds(b.Whole.Median) {
			t.Errorf("markdown: the bill of %q, side %s, is %q", b.Graph, b.Side, rows)
		}
	}
}

func checkBillMLLog(t *testing.T, r *record.Record) {
	t.Helper()
	data, err := MLLog(r)
	events := parsed(t, data, err, readMLLog)
	n := 0
	for _, e := range events {
		if _, has := e.Metadata["bill"]; has {
			n++
		}
	}
	want := 0
	for i := range r.Runs {
		if report.BillOf(r, &r.Runs[i]) != nil {
			want += len(r.Runs[i].Launches)
		}
	}
	if n != want {
		t.Errorf("mllog has %d bills, want one for each of the %d launches of fit as it is", n, want)
	}
}

func checkBillBenchfmt(t *testing.T, r *record.Record) {
	t.Helper()
	data, err := Benchfmt(r)
	all := parsed(t, data, err, readBenchfmt)
	for _, b := range r.Bills {
		for _, f := range billLines(b) {
			if !finite(f.seconds.Median) {
				continue
			}
			if !slices.ContainsFunc(all, func(got benchmark) bool {
				v, has := got.values[escape(f.name)+"-sec"]
				return got.bill && got.parts["graph"] == b.Graph && got.side == oneLine(b.Side) && has && v == f.seconds.Median
			}) {
				t.Errorf("benchfmt has no %s of %q", f.name, b.Graph)
			}
		}
	}
}

func checkBillMetrics(t *testing.T, r *record.Record) {
	t.Helper()
	values, series, err := readOpenMetrics(OpenMetrics(r, nil))
	if err != nil {
		t.Fatal(err)
	}
	has := func(name, graph, side, part string, want float64) bool {
		for key, l := range series {
			if l.Get("__name__") == name && l.Get("graph") == harmless.Lines(graph) && l.Get("side") == side && l.Get("part") == harmless.Lines(part) && values[key] == want {
				return true
			}
		}
		return !finite(want)
	}
	for _, b := range r.Bills {
		for _, f := range billLines(b) {
			if !has("epochtime_bill_seconds", b.Graph, b.Side, f.name, f.seconds.Median) || !has("epochtime_bill_low_seconds", b.Graph, b.Side, f.name, float64(f.seconds.Low)) ||
				!has("epochtime_bill_share_ratio", b.Graph, b.Side, f.name, f.share) {
				t.Errorf("openmetrics has no %s of %q, side %s", f.name, b.Graph, b.Side)
			}
		}
		if b.Whole.Median > 0 && !has("epochtime_bill_whole_seconds", b.Graph, b.Side, "", b.Whole.Median) || b.Explained.Median > 0 && !has("epochtime_bill_explained_ratio", b.Graph, b.Side, "", b.Explained.Median) {
			t.Errorf("openmetrics has no whole of %q, side %s", b.Graph, b.Side)
		}
	}
}

// The lines of a bill in CSV add up to what fit takes.
func TestBillAddsUp(t *testing.T) {
	sum, whole := 0.0, 0.0
	for _, f := range billLines(aBill("")) {
		sum += f.seconds.Median
	}
	byName := map[string]figure{}
	for _, f := range billTotals(aBill("")) {
		byName[f.name] = f
	}
	if whole = byName["whole"].seconds.Median; sum != whole || byName["explained"].seconds.Median != 1.5*whole {
		t.Errorf("lines of %g s, a whole of %g s, explained %v", sum, whole, byName["explained"])
	}
	if got := slices.Sorted(maps.Keys(byName)); strings.Join(got, " ") != "explained first_epoch hidden_input own_per_epoch own_per_step whole" {
		t.Error(got)
	}
	if got := billTotals(record.Bill{Explained: exactly(0), Whole: exactly(0)}); got != nil {
		t.Errorf("a bill of nothing has %v", got)
	}
}

// Every format has the bill, and what is for people the command that shows it.
func TestBillsEverywhere(t *testing.T) {
	r := explainRecord()
	for _, format := range Names() {
		out, err := Write(format, r, Options{})
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(out), "&#39;", "'")
		if format == "json" || format == "mllog" || format == "csv" || format == "openmetrics" {
			if !strings.Contains(text, "unexplained") {
				t.Errorf("%s has no bill", format)
			}
			continue
		}
		if !strings.Contains(text, "epochtime ab cnn --runtime=fit --a steps-per-execution=1 --b steps-per-execution=32") {
			t.Errorf("%s does not show how to prove the bill:\n%s", format, text)
		}
	}
}

// explainedBy is a bill with texts and a number wherever it has them.
func explainedBy(name, key, value string, seconds float64) *record.Record {
	c := config()
	c.Runtime = record.RuntimeFit
	r := of(record.KindExplain, run(name, c, 0.25))
	b := aBill("")
	b.Graph, b.Bound, b.Proof = name, record.Part(value), []string{"ab", key, value}
	b.Lines[0] = record.Line{Part: record.Part(value), Missing: key + "?"}
	b.Lines[1].Seconds.Median, b.Lines[1].Seconds.Low, b.Lines[1].Share = seconds, record.Number(seconds), seconds
	b.Operations[0].Op, b.Stages[0].Name, b.Stages[0].File = name, key, value
	r.Bills = []record.Bill{b}
	return r
}
