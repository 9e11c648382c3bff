package formats

import (
	"bytes"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// Benchfmt is Go's benchmark format (golang.org/design/14313-benchmark-format),
// which benchstat reads: one line for each launch that is ok, since the launch is
// the sample. A name is BenchmarkEpoch and the settings that are not left to
// their defaults; in the record of an ab, those that both sides share, and the
// key side tells them apart: benchstat -col side.
//
// File configuration is only what a benchmark of Go has, because benchstat makes
// a table of its own for each set of it.
func Benchfmt(r *record.Record) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("pkg: epochtime\nUnit examples/s better=higher\n")
	differ := map[string]bool{}
	if r.Plan.Kind == record.KindAB {
		differ = differing(r.Runs)
	}
	was := ""
	for i := range r.Runs {
		run := &r.Runs[i]
		name := benchmarkName(*run, differ)
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
			fmt.Fprintf(&b, "Benchmark%s %d %s\n", name, max(1, len(stats.Measured(*l))), strings.Join(values, " "))
		}
	}
	return b.Bytes(), nil
}

// benchmarkConfig gives every key, also an empty one, which unsets it.
func benchmarkConfig(m record.Machine, side string) string {
	return fmt.Sprintf("goarch: %s\ncpu: %s\nside: %s\n", oneLine(m.Arch), oneLine(m.CPU), oneLine(side))
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// A name's end in -N would be read as GOMAXPROCS.
var processors = regexp.MustCompile(`-(\d+)$`)

// benchmarkName escapes as in a URL what would end a name or a part of it.
func benchmarkName(r record.Run, leaveOut map[string]bool) string {
	name := "Epoch"
	plain := settings(record.Run{Config: record.Config{Device: "cpu", Prefetch: 2, FeedThreads: 1}})
	for _, s := range settings(r) {
		always := s.key == "graph" || s.key == "batch"
		if leaveOut[s.key] || s.key == "side" || slices.Contains(amounts, s.key) || !always && slices.Contains(plain, s) {
			continue
		}
		name += "/" + escape(s.key) + "=" + escape(s.value)
	}
	return processors.ReplaceAllString(name, "%2D$1")
}

// escape leaves nothing that is white, a / or a =.
func escape(text string) string { return strings.ReplaceAll(url.PathEscape(text), "=", "%3D") }

func benchmarkValues(l *record.Launch) []string {
	measured := stats.Measured(*l)
	if l.Status != record.OK || len(measured) == 0 {
		return nil
	}
	seconds := stats.MedianOf(measured, func(e record.Epoch) float64 { return e.Seconds })
	if !finite(seconds) {
		return nil
	}
	out := []string{number(seconds) + " sec/epoch"}
	if seconds > 0 {
		out = append(out, number(float64(measured[0].Samples)/seconds)+" examples/s")
	}
	if finite(l.Cold.FirstStep) {
		out = append(out, number(l.Cold.FirstStep)+" first-step-sec")
	}
	if l.Memory.PeakRSS > 0 {
		out = append(out, fmt.Sprintf("%d peak-RSS-B", l.Memory.PeakRSS))
	}
	return out
}
