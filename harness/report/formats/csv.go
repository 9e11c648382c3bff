package formats

import (
	"bytes"
	"encoding/csv"
	"maps"
	"slices"
	"strconv"
	"time"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// row is what a row of CSV is about; the epoch is nil in a row of a launch.
type row struct {
	record *record.Record
	run    *record.Run
	launch *record.Launch
	epoch  *record.Epoch
}

type csvColumn struct {
	name string
	cell func(row) string
}

// CSV has one row a launch, or an epoch with every epoch of it, warm-up too
// (RFC 4180, a header first). Each row has all settings; a number that is not
// finite or not known is empty. Durations are seconds, sizes bytes.
func CSV(r *record.Record, epochs bool) ([]byte, error) {
	columns := csvColumns(r, epochs)
	header := make([]string, len(columns))
	for i, c := range columns {
		header[i] = c.name
	}
	lines := [][]string{header}
	for _, at := range rows(r, epochs) {
		line := make([]string, len(columns))
		for i, c := range columns {
			line[i] = c.cell(at)
		}
		lines = append(lines, line)
	}
	var b bytes.Buffer
	err := csv.NewWriter(&b).WriteAll(lines)
	return b.Bytes(), err
}

func rows(r *record.Record, epochs bool) []row {
	var out []row
	for i := range r.Runs {
		for k := range r.Runs[i].Launches {
			at := row{record: r, run: &r.Runs[i], launch: &r.Runs[i].Launches[k]}
			if !epochs {
				out = append(out, at)
				continue
			}
			for n := range at.launch.Epochs {
				at.epoch = &at.launch.Epochs[n]
				out = append(out, at)
			}
		}
	}
	return out
}

func csvColumns(r *record.Record, epochs bool) []csvColumn {
	out := []csvColumn{
		{"record", func(at row) string { return at.record.ID }},
		{"record_started", func(at row) string { return at.record.Started.Format(time.RFC3339Nano) }},
	}
	for _, name := range slices.Sorted(maps.Keys(r.Labels)) {
		out = append(out, csvColumn{"label." + name, func(at row) string { return at.record.Labels[name] }})
	}
	out = append(out, settingColumns(r)...)
	out = append(out, launchColumns()...)
	if epochs {
		return append(out, epochColumns()...)
	}
	return append(out, launchResults()...)
}

// settingColumns are the settings of any run.
func settingColumns(r *record.Record) []csvColumn {
	fixed, env := settings(record.Run{}), map[string]bool{}
	for _, run := range r.Runs {
		for name := range run.Config.Env {
			env["env."+name] = true
		}
	}
	for _, key := range slices.Sorted(maps.Keys(env)) {
		fixed = append(fixed, setting{key: key})
	}
	out := []csvColumn{{"graph_sha256", func(at row) string { return at.run.Graph.SHA256 }}}
	for _, s := range fixed {
		out = append(out, csvColumn{s.key, func(at row) string { return valueOf(settings(*at.run), s.key) }})
	}
	return out
}

func valueOf(list []setting, key string) string {
	for _, s := range list {
		if s.key == key {
			return s.value
		}
	}
	return ""
}

func launchColumns() []csvColumn {
	of := func(name string, value func(*record.Launch) string) csvColumn {
		return csvColumn{name, func(at row) string { return value(at.launch) }}
	}
	return []csvColumn{
		{"machine", func(at row) string { return machineOf(at.record, at.launch).Hostname }},
		of("tensorflow", func(l *record.Launch) string { return l.TensorFlow }),
		of("block", func(l *record.Launch) string { return strconv.Itoa(l.Block) }),
		of("order", func(l *record.Launch) string { return strconv.Itoa(l.Order) }),
		of("launch_started", func(l *record.Launch) string { return l.Started.Format(time.RFC3339Nano) }),
		of("status", func(l *record.Launch) string { return l.Status }),
		of("reason", func(l *record.Launch) string { return l.Reason }),
		of("resolved_batch", func(l *record.Launch) string { return strconv.Itoa(l.Resolved.Batch) }),
		of("resolved_samples", func(l *record.Launch) string { return strconv.Itoa(l.Resolved.Samples) }),
	}
}

// machineOf is the machine of a launch; none of a launch that failed before it
// could say.
func machineOf(r *record.Record, l *record.Launch) record.Machine {
	if l.Machine < 0 || l.Machine >= len(r.Machines) {
		return record.Machine{}
	}
	return r.Machines[l.Machine]
}

func launchResults() []csvColumn {
	of := func(name string, value func(*record.Launch) string) csvColumn {
		return csvColumn{name, func(at row) string { return value(at.launch) }}
	}
	median := func(value func(record.Epoch) float64) func(*record.Launch) string {
		return func(l *record.Launch) string {
			measured := stats.Measured(*l)
			if len(measured) == 0 {
				return ""
			}
			return cell(stats.MedianOf(measured, value))
		}
	}
	return []csvColumn{
		of("measured_epochs", func(l *record.Launch) string { return strconv.Itoa(len(stats.Measured(*l))) }),
		of("epoch_s", median(func(e record.Epoch) float64 { return e.Seconds })),
		of("wait_s", median(func(e record.Epoch) float64 { return e.Wait })),
		of("step_s", median(func(e record.Epoch) float64 { return e.Step })),
		of("other_s", median(func(e record.Epoch) float64 { return e.Other })),
		of("preprocess_s", median(func(e record.Epoch) float64 { return e.Preprocess })),
		of("start_s", func(l *record.Launch) string { return cell(l.Cold.Start) }),
		of("load_s", func(l *record.Launch) string { return cell(l.Cold.Load) }),
		of("first_step_s", func(l *record.Launch) string { return cell(l.Cold.FirstStep) }),
		of("compile_s", func(l *record.Launch) string { return cell(l.Cold.Compile) }),
		of("upload_s", func(l *record.Launch) string { return cell(l.Cold.Upload) }),
		of("peak_rss_bytes", func(l *record.Launch) string { return strconv.FormatUint(l.Memory.PeakRSS, 10) }),
		of("steal_s", func(l *record.Launch) string { return cell(l.Disturbance.Steal) }),
		of("involuntary_switches", func(l *record.Launch) string { return strconv.FormatInt(l.Disturbance.InvoluntarySwitches, 10) }),
	}
}

func epochColumns() []csvColumn {
	of := func(name string, value func(*record.Epoch) string) csvColumn {
		return csvColumn{name, func(at row) string { return value(at.epoch) }}
	}
	return []csvColumn{
		of("epoch", func(e *record.Epoch) string { return strconv.Itoa(e.Index) }),
		of("is_warmup", func(e *record.Epoch) string { return strconv.FormatBool(e.Warmup) }),
		of("start_s", func(e *record.Epoch) string { return cell(e.Start) }),
		of("epoch_s", func(e *record.Epoch) string { return cell(e.Seconds) }),
		of("wait_s", func(e *record.Epoch) string { return cell(e.Wait) }),
		of("step_s", func(e *record.Epoch) string { return cell(e.Step) }),
		of("other_s", func(e *record.Epoch) string { return cell(e.Other) }),
		of("preprocess_s", func(e *record.Epoch) string { return cell(e.Preprocess) }),
		of("steps", func(e *record.Epoch) string { return strconv.Itoa(e.Steps) }),
		of("examples", func(e *record.Epoch) string { return strconv.Itoa(e.Samples) }),
		of("loss", func(e *record.Epoch) string { return cell(float64(e.Loss)) }),
	}
}
