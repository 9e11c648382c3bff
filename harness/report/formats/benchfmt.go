package formats

import (
	"bytes"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/harness/setting"
	"epochtime/harness/stats"
	"epochtime/internal/harmless"
)

// Benchfmt is Go's benchmark format (golang.org/design/14313-benchmark-format),
// which benchstat reads. It has a line for each ok launch, because the launch is
// the sample: sec/epoch, sec/whole-epoch where validation follows, sec/first-epoch of
// a cold launch, a unit for each metric. A name is Epoch and the settings that are not
// left to their defaults; in the record of an ab, those that both sides share, and the
// key side tells the sides apart: benchstat -col side. What is timed of a script, and
// every notice, is in the log of its benchmark. Runs with failed launches are marked
// as go test marks a failed benchmark. A bill is a benchmark Bill, with a unit for each
// figure, as in step-sec.
//
// File configuration is only what a benchmark of Go has, because benchstat makes a
// table of its own for each set of it.
func Benchfmt(r *record.Record) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("pkg: epochtime\nUnit examples/s better=higher\n")
	for _, unit := range higher(r) {
		fmt.Fprintf(&b, "Unit %s better=higher\n", unit)
	}
	was, failed := "", ""
	configure := func(l *record.Launch, side string) {
		if head := benchmarkConfig(machineOf(r, l), side); head != was {
			b.WriteString(head)
			was = head
		}
	}
	for i := range r.Runs {
		run := &r.Runs[i]
		name := benchmarkName(r, run)
		for k := range run.Launches {
			l := &run.Launches[k]
			values := benchmarkValues(run.Config, l)
			if len(values) == 0 {
				continue
			}
			configure(l, run.Side)
			fmt.Fprintf(&b, "Benchmark%s %d %s\n", name, max(1, len(stats.Measured(*l))), strings.Join(values, " "))
		}
		writeLog(&b, "--- BENCH: Benchmark"+name, benchmarkLog(run))
		if list := failures(r, run); len(list) > 0 {
			failed = "FAIL\n"
			writeLog(&b, "--- FAIL: Benchmark"+name, list)
		}
		if bill := report.BillOf(r, run); bill != nil && len(run.Launches) > 0 {
			configure(&run.Launches[0], run.Side)
			writeBill(&b, *bill)
		}
	}
	b.WriteString(failed)
	return b.Bytes(), nil
}

// writeBill writes the figures of a bill in one line, and what it comes to in its log.
func writeBill(b *bytes.Buffer, bill record.Bill) {
	name := processors.ReplaceAllString("Bill/graph="+escape(bill.Graph), "%2D$1")
	var values []string
	for _, f := range slices.Concat(billLines(bill), billTotals(bill)) {
		if finite(f.seconds.Median) {
			values = append(values, number(f.seconds.Median)+" "+escape(f.name)+"-sec")
		}
	}
	if len(values) > 0 {
		fmt.Fprintf(b, "Benchmark%s 1 %s\n", name, strings.Join(values, " "))
	}
	writeLog(b, "--- BENCH: Benchmark"+name, append(report.BillNotes(bill), strings.TrimSpace(report.Sentence(bill)+" "+report.BillCommand(bill))))
}

// benchmarkLog says what is timed of a script, and what is not. It is written as go
// test writes the log of a benchmark, which benchstat passes over.
func benchmarkLog(run *record.Run) []string {
	var out []string
	if part := report.ScriptPart(run.Graph.Script); part != "" {
		out = append(out, "script: "+part)
	}
	for _, n := range run.Graph.Notices {
		out = append(out, "notice: "+report.NoticeText(n))
	}
	return out
}

func writeLog(b *bytes.Buffer, head string, lines []string) {
	if len(lines) == 0 {
		return
	}
	b.WriteString(head + "\n")
	for _, line := range lines {
		fmt.Fprintf(b, "    %s\n", oneLine(line))
	}
}

// benchmarkConfig gives every key, also an empty one, which unsets it.
func benchmarkConfig(m record.Machine, side string) string {
	return fmt.Sprintf("goarch: %s\ncpu: %s\nside: %s\n", oneLine(m.Arch), oneLine(m.CPU), oneLine(side))
}

func oneLine(text string) string { return harmless.Text(harmless.OneLine(text)) }

// A name's end in -N would be read as GOMAXPROCS.
var processors = regexp.MustCompile(`-(\d+)$`)

// benchmarkName names a run. What would end a name or a part of it is escaped as in
// a URL.
func benchmarkName(r *record.Record, run *record.Run) string {
	name := "Epoch"
	if r.Plan.Kind == record.KindProbe {
		name = "Probe"
	}
	differ := map[string]bool{}
	if r.Plan.Kind == record.KindAB {
		var configs []record.Config
		for _, side := range r.Runs {
			configs = append(configs, side.Config)
			differ["graph"] = differ["graph"] || side.Graph.Name != run.Graph.Name
		}
		for _, s := range setting.Differing(configs...) {
			differ[s.Name] = true
		}
	}
	if !differ["graph"] && r.Plan.Kind != record.KindProbe {
		name += "/graph=" + escape(run.Graph.Name)
	}
	if run.On != "" {
		name += "/on=" + escape(run.On)
	}
	for _, s := range setting.Of(run.Config) {
		if text := s.Text(run.Config); !differ[s.Name] && !s.Comparable && text != s.Text(setting.Defaults()) {
			name += "/" + escape(s.Key()) + "=" + escape(text)
		}
	}
	return processors.ReplaceAllString(name, "%2D$1")
}

// higher are the units of a probe's rates that are better if they are higher.
func higher(r *record.Record) []string {
	var out []string
	for _, run := range r.Runs {
		for _, l := range run.Launches {
			for _, rate := range l.Rates {
				if unit := rateUnit(rate); rate.Unit != record.Second && !slices.Contains(out, unit) {
					out = append(out, unit)
				}
			}
		}
	}
	return out
}

// rateUnit is the unit of what a probe found, as in memory-byte/s or empty-step-sec.
func rateUnit(r record.Rate) string {
	if r.Unit == record.Second {
		return escape(r.Name) + "-sec"
	}
	return escape(r.Name) + "-" + escape(strings.TrimSuffix(r.Unit, "/s")) + "/s"
}

// escape leaves no white space, / or =.
func escape(text string) string { return strings.ReplaceAll(url.PathEscape(text), "=", "%3D") }

// benchmarkValues has a unit for each metric, as in metric/accuracy. What follows the
// slash is a denominator, in which benchstat looks for no prefix.
func benchmarkValues(c record.Config, l *record.Launch) []string {
	var out []string
	add := func(v float64, known bool, unit string) {
		if known && finite(v) {
			out = append(out, number(v)+" "+unit)
		}
	}
	for _, r := range l.Rates {
		add(r.Value.Median, r.Value.Median > 0 && l.Status == record.OK, rateUnit(r))
	}
	seconds, ok := stats.LaunchMedian(*l)
	if !ok || !finite(seconds) {
		return out
	}
	add(seconds, true, "sec/epoch")
	whole, validated := stats.WholeMedian(*l)
	add(whole, validated, "sec/whole-epoch")
	first, cold := stats.FirstEpoch(c, *l)
	add(first, cold, "sec/first-epoch")
	add(float64(stats.Measured(*l)[0].Samples)/seconds, seconds > 0, "examples/s")
	joules, metered := stats.LaunchJoules(*l)
	add(joules, metered, "J/epoch")
	add(l.Cold.FirstStep, true, "first-step-sec")
	add(float64(l.Memory.PeakRSS), l.Memory.PeakRSS > 0, "peak-RSS-B")
	metrics := stats.LastMetrics(*l)
	for _, name := range sortedKeys(metrics) {
		add(float64(metrics[name]), true, "metric/"+escape(name))
	}
	return out
}
