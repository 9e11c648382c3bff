package formats

import (
	"bytes"
	"encoding/csv"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"epochtime/harness/compare"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/harness/setting"
	"epochtime/harness/stats"
	"epochtime/internal/harmless"
)

// row is what a row of CSV is about. The epoch is nil in a row for a launch. In one for
// a figure of a bill, or the effect of a change, the launch is empty.
type row struct {
	record *record.Record
	run    *record.Run
	launch *record.Launch
	epoch  *record.Epoch
	figure *figure
	effect *compare.Effect
}

type csvColumn struct {
	name     string
	cell     func(row) string
	ofFigure bool // rows for figures of bills and for effects have it too
}

// CSV has one row for each launch, or with epochs one for each epoch, the warm-up
// included (RFC 4180, a header first). Each row has all settings. A number that is
// not finite or not known is empty. A launch without epochs has a row in any case, for
// its status. Each figure of a bill has a row after those of its launches, with its name
// as bill_part, which is empty in all other rows; those with a share but whole and
// explained add up. Each effect of a change has a row with its ratio, which is empty in
// all other rows. Where a machine has a price, each row has it, and what an epoch
// costs. Durations are seconds, sizes bytes, texts as harmless.CSV writes them.
func CSV(r *record.Record, epochs bool) ([]byte, error) {
	columns := csvColumns(r, epochs)
	header := make([]string, len(columns))
	for i, c := range columns {
		header[i] = harmless.CSV(c.name)
	}
	lines := [][]string{header}
	for _, at := range rows(r, epochs) {
		line := make([]string, len(columns))
		for i, c := range columns {
			if at.figure == nil && at.effect == nil || c.ofFigure {
				line[i] = harmless.CSV(c.cell(at))
			}
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
			if !epochs || len(at.launch.Epochs) == 0 {
				out = append(out, at)
				continue
			}
			for n := range at.launch.Epochs {
				at.epoch = &at.launch.Epochs[n]
				out = append(out, at)
			}
		}
	}
	return append(append(out, figureRows(r)...), effectRows(r)...)
}

func csvColumns(r *record.Record, epochs bool) []csvColumn {
	out := []csvColumn{
		{"record", func(at row) string { return at.record.ID }, true},
		{"record_started", func(at row) string { return at.record.Started.Format(time.RFC3339Nano) }, true},
	}
	for _, name := range slices.Sorted(maps.Keys(r.Labels)) {
		out = append(out, csvColumn{"label." + name, func(at row) string { return at.record.Labels[name] }, true})
	}
	out = append(out, figureColumns(r)...)
	out = append(out, effectColumns(r)...)
	out = append(out, knownColumns(r)...)
	out = append(out, settingColumns(r)...)
	out = append(out, launchColumns()...)
	if epochs {
		out = append(out, epochColumns()...)
		out = append(out, costColumns(r)...)
		return append(out, metricColumns(r, func(at row) map[string]record.Number {
			if at.epoch == nil {
				return nil
			}
			return at.epoch.Metrics
		})...)
	}
	out = append(out, launchResults()...)
	out = append(out, costColumns(r)...)
	out = append(out, energyColumns(r)...)
	out = append(out, limitColumns(r)...)
	return append(out, metricColumns(r, func(at row) map[string]record.Number { return stats.LastMetrics(*at.launch) })...)
}

// noticesOf are the notices of a run's graph, in one cell.
func noticesOf(run *record.Run) string {
	var out []string
	for _, n := range run.Graph.Notices {
		out = append(out, report.NoticeText(n))
	}
	return strings.Join(out, "; ")
}

// metricColumns are those of the metrics of any epoch, as in metric.accuracy.
func metricColumns(r *record.Record, of func(row) map[string]record.Number) []csvColumn {
	names := map[string]bool{}
	for _, run := range r.Runs {
		for _, l := range run.Launches {
			for name := range stats.LastMetrics(l) {
				names[name] = true
			}
		}
	}
	var out []csvColumn
	for _, name := range sortedKeys(names) {
		out = append(out, csvColumn{name: "metric." + name, cell: func(at row) string {
			v, known := of(at)[name]
			if !known {
				return ""
			}
			return cell(float64(v))
		}})
	}
	return out
}

// settingColumns are those of the settings of any run. note is what is special
// about a run, as in best.
func settingColumns(r *record.Record) []csvColumn {
	configs := make([]record.Config, len(r.Runs))
	for i, run := range r.Runs {
		configs[i] = run.Config
	}
	notes := runNotes(r)
	out := []csvColumn{
		{"graph_sha256", func(at row) string { return at.run.Graph.SHA256 }, true},
		{"graph", func(at row) string { return at.run.Graph.Name }, true},
		{"side", func(at row) string { return at.run.Side }, true},
		{"note", func(at row) string { return notes[at.run] }, false},
		{"script", func(at row) string { return report.ScriptPart(at.run.Graph.Script) }, true},
		{"notices", func(at row) string { return noticesOf(at.run) }, false},
	}
	for _, s := range setting.Of(configs...) {
		out = append(out, csvColumn{name: s.Key(), cell: func(at row) string { return s.Text(at.run.Config) }})
	}
	return out
}

func launchColumns() []csvColumn {
	of := func(name string, value func(*record.Launch) string) csvColumn {
		return csvColumn{name: name, cell: func(at row) string { return value(at.launch) }}
	}
	return []csvColumn{
		{name: "machine", cell: func(at row) string { return machineOf(at.record, at.launch).Title() }},
		{name: "machine_type", cell: func(at row) string { return machineOf(at.record, at.launch).Type() }},
		of("tensorflow", func(l *record.Launch) string { return l.TensorFlow }),
		of("build", func(l *record.Launch) string { return report.Build(l.Build) }),
		of("versions", versionsOf),
		of("block", func(l *record.Launch) string { return strconv.Itoa(l.Block) }),
		of("order", func(l *record.Launch) string { return strconv.Itoa(l.Order) }),
		of("launch_started", func(l *record.Launch) string { return l.Started.Format(time.RFC3339Nano) }),
		of("status", func(l *record.Launch) string { return l.Status }),
		of("reason", func(l *record.Launch) string { return l.Reason }),
		of("resolved_batch", func(l *record.Launch) string { return strconv.Itoa(l.Resolved.Batch) }),
		of("resolved_samples", func(l *record.Launch) string { return strconv.Itoa(l.Resolved.Samples) }),
	}
}

// versionsOf are those of what trained beside TensorFlow, in one cell.
func versionsOf(l *record.Launch) string {
	var out []string
	for _, name := range sortedKeys(l.Versions) {
		out = append(out, name+" "+l.Versions[name])
	}
	return strings.Join(out, "; ")
}

// machineOf returns the machine of a launch, the zero value for a launch that failed
// before it could name one.
func machineOf(r *record.Record, l *record.Launch) record.Machine {
	if l.Machine < 0 || l.Machine >= len(r.Machines) {
		return record.Machine{}
	}
	return r.Machines[l.Machine]
}

func launchResults() []csvColumn {
	of := func(name string, value func(*record.Launch) string) csvColumn {
		return csvColumn{name: name, cell: func(at row) string { return value(at.launch) }}
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
		of("callbacks_s", func(l *record.Launch) string {
			if text := median(func(e record.Epoch) float64 { return e.Callbacks })(l); text != "0" {
				return text
			}
			return ""
		}),
		of("other_s", median(func(e record.Epoch) float64 { return e.Other })),
		of("preprocess_s", median(func(e record.Epoch) float64 { return e.Preprocess })),
		of("validation_s", func(l *record.Launch) string {
			validated := stats.Validated(*l)
			if len(validated) == 0 {
				return ""
			}
			return cell(stats.MedianOf(validated, func(e record.Epoch) float64 { return e.Validation }))
		}),
		of("whole_epoch_s", func(l *record.Launch) string { return known(stats.WholeMedian(*l)) }),
		{name: "first_epoch_s", cell: func(at row) string { return known(stats.FirstEpoch(at.run.Config, *at.launch)) }},
		of("start_s", func(l *record.Launch) string { return cell(l.Cold.Start) }),
		of("transfer_s", func(l *record.Launch) string { return known(l.Cold.Transfer, l.Cold.Transfer > 0) }),
		of("load_s", func(l *record.Launch) string { return cell(l.Cold.Load) }),
		of("first_step_s", func(l *record.Launch) string { return cell(l.Cold.FirstStep) }),
		of("compile_s", func(l *record.Launch) string { return cell(l.Cold.Compile) }),
		of("upload_s", func(l *record.Launch) string { return cell(l.Cold.Upload) }),
		of("first_steps_s", func(l *record.Launch) string { return known(l.Cold.First, l.Cold.First > 0) }),
		of("reset_s", func(l *record.Launch) string { return known(l.Cold.Reset, l.Cold.Reset > 0) }),
		of("around_s", func(l *record.Launch) string { return known(l.Around, l.Around > 0) }),
		of("saving_s", func(l *record.Launch) string { return known(l.Saving, l.Saving > 0) }),
		of("ending_s", func(l *record.Launch) string { return known(l.Ending, l.Ending > 0) }),
		of("peak_rss_bytes", func(l *record.Launch) string { return strconv.FormatUint(l.Memory.PeakRSS, 10) }),
		of("steal_s", func(l *record.Launch) string { return cell(l.Disturbance.Steal) }),
		of("involuntary_switches", func(l *record.Launch) string { return strconv.FormatInt(l.Disturbance.InvoluntarySwitches, 10) }),
	}
}

func epochColumns() []csvColumn {
	of := func(name string, value func(*record.Epoch) string) csvColumn {
		return csvColumn{name: name, cell: func(at row) string {
			if at.epoch == nil {
				return ""
			}
			return value(at.epoch)
		}}
	}
	return []csvColumn{
		of("epoch", func(e *record.Epoch) string { return strconv.Itoa(e.Index) }),
		of("is_warmup", func(e *record.Epoch) string { return strconv.FormatBool(e.Warmup) }),
		of("start_s", func(e *record.Epoch) string { return cell(e.Start) }),
		of("epoch_s", func(e *record.Epoch) string { return cell(e.Seconds) }),
		of("wait_s", func(e *record.Epoch) string { return cell(e.Wait) }),
		of("step_s", func(e *record.Epoch) string { return cell(e.Step) }),
		of("callbacks_s", func(e *record.Epoch) string { return known(e.Callbacks, e.Callbacks > 0) }),
		of("other_s", func(e *record.Epoch) string { return cell(e.Other) }),
		of("preprocess_s", func(e *record.Epoch) string { return cell(e.Preprocess) }),
		of("steps", func(e *record.Epoch) string { return strconv.Itoa(e.Steps) }),
		of("examples", func(e *record.Epoch) string { return strconv.Itoa(e.Samples) }),
		of("loss", func(e *record.Epoch) string { return cell(float64(e.Loss)) }),
		of("validation_s", func(e *record.Epoch) string { return known(e.Validation, e.ValidationSteps > 0) }),
		of("validation_steps", func(e *record.Epoch) string { return strconv.Itoa(e.ValidationSteps) }),
		of("validation_examples", func(e *record.Epoch) string { return strconv.Itoa(e.ValidationSamples) }),
		of("rss_bytes", func(e *record.Epoch) string { return known(float64(e.RSS), e.RSS > 0) }),
	}
}
