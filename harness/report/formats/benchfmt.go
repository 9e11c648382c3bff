package formats

import (
	"bytes"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"epochtime/harness/record"
	"epochtime/harness/setting"
	"epochtime/harness/stats"
	"epochtime/internal/harmless"
)

// Benchfmt is Go's benchmark format (golang.org/design/14313-benchmark-format),
// which benchstat reads. It has a line for each ok launch, because the launch is
// the sample. A name is Epoch and the settings that are not left to their
// defaults; in the record of an ab, those that both sides share, and the key side
// tells the sides apart: benchstat -col side. Runs with failed launches are marked as
// go test marks a failed benchmark.
//
// File configuration is only what a benchmark of Go has, because benchstat makes a
// table of its own for each set of it.
func Benchfmt(r *record.Record) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("pkg: epochtime\nUnit examples/s better=higher\n")
	was, failed := "", ""
	for i := range r.Runs {
		run := &r.Runs[i]
		name := benchmarkName(r, run)
		for k := range run.Launches {
			l := &run.Launches[k]
			values := benchmarkValues(l)
			if len(values) == 0 {
				continue
			}
			if head := benchmarkConfig(machineOf(r, l), run.Side); head != was {
				b.WriteString(head)
				was = head
			}
			fmt.Fprintf(&b, "Benchmark%s %d %s\n", name, len(stats.Measured(*l)), strings.Join(values, " "))
		}
		if list := failures(r, run); len(list) > 0 {
			failed = "FAIL\n"
			fmt.Fprintf(&b, "--- FAIL: Benchmark%s\n", name)
			for _, text := range list {
				fmt.Fprintf(&b, "    %s\n", oneLine(text))
			}
		}
	}
	b.WriteString(failed)
	return b.Bytes(), nil
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
	if !differ["graph"] {
		name += "/graph=" + escape(run.Graph.Name)
	}
	for _, s := range setting.Of(run.Config) {
		if text := s.Text(run.Config); !differ[s.Name] && !s.Comparable && text != s.Text(setting.Defaults()) {
			name += "/" + escape(s.Key()) + "=" + escape(text)
		}
	}
	return processors.ReplaceAllString(name, "%2D$1")
}

// escape leaves no white space, / or =.
func escape(text string) string { return strings.ReplaceAll(url.PathEscape(text), "=", "%3D") }

func benchmarkValues(l *record.Launch) []string {
	seconds, ok := stats.LaunchMedian(*l)
	if !ok || !finite(seconds) {
		return nil
	}
	out := []string{number(seconds) + " sec/epoch"}
	if seconds > 0 {
		out = append(out, number(float64(stats.Measured(*l)[0].Samples)/seconds)+" examples/s")
	}
	if finite(l.Cold.FirstStep) {
		out = append(out, number(l.Cold.FirstStep)+" first-step-sec")
	}
	if l.Memory.PeakRSS > 0 {
		out = append(out, number(float64(l.Memory.PeakRSS))+" peak-RSS-B")
	}
	return out
}
