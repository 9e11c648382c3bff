package formats

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf16"

	"epochtime/harness/record"
	"epochtime/harness/report"
)

// What an event's type may be, and the keys, as MLPerf's own logger has them
// (github.com/mlcommons/logging, mllog/constants.py).
const (
	intervalStart = "INTERVAL_START"
	intervalEnd   = "INTERVAL_END"
	pointInTime   = "POINT_IN_TIME"
)

// mlEvent is one line. TimeMS is milliseconds since 1970, with a fraction, since
// an epoch may take less than one; MLPerf's compliance checker reads a float.
type mlEvent struct {
	Namespace string         `json:"namespace"`
	TimeMS    float64        `json:"time_ms"`
	Type      string         `json:"event_type"`
	Key       string         `json:"key"`
	Value     any            `json:"value"`
	Metadata  map[string]any `json:"metadata"`
}

// MLLog has the events of every launch in MLPerf's log format. A log of MLPerf's is of
// one run; here the namespace names the launch, as in "cnn/3". Epochs count from 1
// and include the warm-up, which metadata marks. The launches of fit as it is have their
// bill in the metadata of submission_benchmark.
func MLLog(r *record.Record) ([]byte, error) {
	var b bytes.Buffer
	names := report.RunTitles(r)
	for i := range r.Runs {
		for k := range r.Runs[i].Launches {
			l := &r.Runs[i].Launches[k]
			for _, e := range launchEvents(&r.Runs[i], l) {
				if bill := report.BillOf(r, &r.Runs[i]); bill != nil && e.Key == "submission_benchmark" {
					e.Metadata["bill"] = bill
				}
				e.Namespace = fmt.Sprintf("%s/%d", names[i], l.Order)
				if err := writeEvent(&b, e); err != nil {
					return nil, err
				}
			}
		}
	}
	return b.Bytes(), nil
}

// launchEvents returns the events in order of time. The worker's clock begins when it
// says hello, to within what the message takes.
func launchEvents(run *record.Run, l *record.Launch) []mlEvent {
	began := milliseconds(l.Started)
	clock := later(began, l.Cold.Start)
	first := clock
	if len(l.Epochs) > 0 {
		first = later(clock, l.Epochs[0].Start)
	}
	point := func(key string, value any) mlEvent {
		return mlEvent{TimeMS: began, Type: pointInTime, Key: key, Value: value}
	}
	out := []mlEvent{
		{TimeMS: began, Type: intervalStart, Key: "init_start"},
		{TimeMS: began, Type: pointInTime, Key: "submission_benchmark", Value: run.Graph.Name, Metadata: launchMetadata(run, l)},
		point("global_batch_size", l.Resolved.Batch),
		point("train_samples", l.Resolved.Samples),
		point("seed", run.Config.Seed),
		{TimeMS: first, Type: intervalEnd, Key: "init_stop"},
		{TimeMS: first, Type: intervalStart, Key: "run_start"},
	}
	last := first
	for _, e := range l.Epochs {
		start := later(clock, e.Start)
		last = max(last, later(start, e.Seconds))
		stop := map[string]any{"epoch_num": e.Index + 1, "warmup": e.Warmup, "seconds": record.Number(e.Seconds), "samples": e.Samples, "loss": e.Loss}
		if len(e.Metrics) > 0 {
			stop["metrics"] = e.Metrics
		}
		out = append(out,
			mlEvent{TimeMS: start, Type: intervalStart, Key: "epoch_start", Metadata: map[string]any{"epoch_num": e.Index + 1}},
			mlEvent{TimeMS: last, Type: intervalEnd, Key: "epoch_stop", Metadata: stop})
		if e.ValidationSteps > 0 {
			evaluation := evaluationEvents(e, last)
			out, last = append(out, evaluation[:]...), evaluation[1].TimeMS
		}
	}
	status := "success"
	if l.Status != record.OK {
		status = "aborted"
	}
	stop := map[string]any{"status": status}
	if len(l.Energy) > 0 {
		stop["energy"] = l.Energy
	}
	if l.Reason != "" {
		stop["reason"] = l.Reason
	}
	if len(l.Rates) > 0 {
		stop["rates"] = l.Rates
	}
	return append(out, mlEvent{TimeMS: last, Type: intervalEnd, Key: "run_stop", Metadata: stop})
}

// evaluationEvents are those of the validation that follows an epoch's training.
func evaluationEvents(e record.Epoch, from float64) [2]mlEvent {
	return [2]mlEvent{
		{TimeMS: from, Type: intervalStart, Key: "eval_start", Metadata: map[string]any{"epoch_num": e.Index + 1}},
		{TimeMS: later(from, e.Validation), Type: intervalEnd, Key: "eval_stop", Metadata: map[string]any{
			"epoch_num": e.Index + 1, "seconds": record.Number(e.Validation), "samples": e.ValidationSamples,
		}},
	}
}

// launchMetadata says what trained, what is timed of a script, and what is not.
func launchMetadata(run *record.Run, l *record.Launch) map[string]any {
	out := map[string]any{}
	if run.Config.Runtime != "" {
		out["runtime"] = run.Config.Runtime
	}
	if len(l.Versions) > 0 {
		out["versions"] = l.Versions
	}
	if run.Graph.Script != nil {
		out["script"] = run.Graph.Script
	}
	if len(run.Graph.Notices) > 0 {
		out["notices"] = run.Graph.Notices
	}
	return out
}

// milliseconds since 1970, to the microsecond: what a float64 holds exactly.
func milliseconds(t time.Time) float64 { return float64(t.UnixMicro()) / 1e3 }

// later returns a time in milliseconds plus seconds. Seconds that do not give a finite
// time are left out.
func later(milliseconds, seconds float64) float64 {
	if out := milliseconds + 1e3*seconds; finite(out) {
		return out
	}
	return milliseconds
}

func writeEvent(b *bytes.Buffer, e mlEvent) error {
	if e.Metadata == nil {
		e.Metadata = map[string]any{}
	}
	e.Metadata["file"], e.Metadata["lineno"] = "epochtime", 0 // MLPerf's logger has the caller's
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	// A name may hold the token by which a reader finds the lines.
	line := strings.ReplaceAll(string(text), ":::MLLOG", `\u003a::MLLOG`)
	fmt.Fprintf(b, ":::MLLOG %s\n", ascii(line))
	return nil
}

// ascii escapes JSON as Python's json module does; the compliance checker reads
// files as Latin-1.
func ascii(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r < 0x7f:
			b.WriteRune(r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		}
	}
	return b.String()
}
