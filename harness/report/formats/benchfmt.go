package formats

import (
	"bytes"
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/perf/benchfmt"

	"epochtime/harness/record"
	"epochtime/harness/setting"
	"epochtime/harness/stats"
)

// Benchfmt is Go's benchmark format (golang.org/design/14313-benchmark-format),
// which benchstat reads. It has a line for each ok launch, because the launch is
// the sample. A name is Epoch and the settings that are not left to their
// defaults; in the record of an ab, those that both sides share, and the key side
// tells the sides apart: benchstat -col side.
//
// File configuration is only what a benchmark of Go has, because benchstat makes a
// table of its own for each set of it.
func Benchfmt(r *record.Record) ([]byte, error) {
	var b bytes.Buffer
	w := benchfmt.NewWriter(&b)
	if err := w.Write(&benchfmt.UnitMetadata{UnitMetadataKey: benchfmt.UnitMetadataKey{Unit: "examples/s", Key: "better"}, OrigUnit: "examples/s", Value: "higher"}); err != nil {
		return nil, err
	}
	for i := range r.Runs {
		run := &r.Runs[i]
		name := benchmarkName(r, run)
		for k := range run.Launches {
			l := &run.Launches[k]
			values := benchmarkValues(l)
			if len(values) == 0 {
				continue
			}
			result := benchfmt.Result{Name: name, Iters: len(stats.Measured(*l)), Values: values}
			machine := machineOf(r, l)
			for _, c := range []pair{{"pkg", "epochtime"}, {"goarch", machine.Arch}, {"cpu", machine.CPU}, {"side", run.Side}} {
				result.Config = append(result.Config, benchfmt.Config{Key: c.key, Value: []byte(oneLine(c.value)), File: true})
			}
			if err := w.Write(&result); err != nil {
				return nil, err
			}
		}
	}
	return b.Bytes(), nil
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// A name's end in -N would be read as GOMAXPROCS.
var processors = regexp.MustCompile(`-(\d+)$`)

// benchmarkName names a run. What would end a name or a part of it is escaped as in
// a URL.
func benchmarkName(r *record.Record, run *record.Run) benchfmt.Name {
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
		if text := s.Text(run.Config); !differ[s.Name] && !s.Aside && text != s.Text(setting.Defaults()) {
			name += "/" + escape(s.Key()) + "=" + escape(text)
		}
	}
	return benchfmt.Name(processors.ReplaceAllString(name, "%2D$1"))
}

// escape leaves no white space, / or =.
func escape(text string) string { return strings.ReplaceAll(url.PathEscape(text), "=", "%3D") }

func benchmarkValues(l *record.Launch) []benchfmt.Value {
	seconds, ok := stats.LaunchMedian(*l)
	if !ok || !finite(seconds) {
		return nil
	}
	out := []benchfmt.Value{{Value: seconds, Unit: "sec/epoch"}}
	if seconds > 0 {
		out = append(out, benchfmt.Value{Value: float64(stats.Measured(*l)[0].Samples) / seconds, Unit: "examples/s"})
	}
	if finite(l.Cold.FirstStep) {
		out = append(out, benchfmt.Value{Value: l.Cold.FirstStep, Unit: "first-step-sec"})
	}
	if l.Memory.PeakRSS > 0 {
		out = append(out, benchfmt.Value{Value: float64(l.Memory.PeakRSS), Unit: "peak-RSS-B"})
	}
	return out
}
