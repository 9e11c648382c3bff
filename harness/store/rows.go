package store

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"epochtime/harness/record"
	"epochtime/harness/setting"
	"epochtime/harness/stats"
)

// The columns of tables.go, in order, without checksums.
const (
	recordColumns = "id, started, kind, status, labels, launches, text"
	runColumns    = "record, position, graph, side, title, hostname, machine, series, twin, launches, median, low, high, notices"
)

// recordRow returns the columns of a record whose packed form is text, as SQLite
// gives them back.
func recordRow(r *record.Record, text []byte) ([]any, error) {
	labels, err := json.Marshal(r.Labels)
	if err != nil {
		return nil, err
	}
	return []any{r.ID, r.Started.UnixNano(), r.Plan.Kind, r.Status, string(labels), int64(count(r)), text}, nil
}

// runRow returns the columns of a record's run, as SQLite gives them back.
func runRow(r *record.Record, position int) ([]any, error) {
	run := &r.Runs[position]
	hostname, machine := "", ""
	if m := machineOf(r, run); m != nil {
		hostname, machine = m.Hostname, machineKey(*m)
	}
	launches := 0
	median, low, high := math.NaN(), math.NaN(), math.NaN()
	if summary, _ := stats.Summarize(run); summary != nil {
		e := summary.EpochSeconds
		launches, median, low, high = summary.Launches, e.Median, float64(e.Low), float64(e.High)
	}
	series, twin, err := keys(r, run)
	if err != nil {
		return nil, err
	}
	return []any{
		r.ID, int64(position), run.Graph.Name, run.Side, run.Title(), hostname, machine, series, twin,
		int64(launches), finite(median), finite(low), finite(high), noticed(run.Graph.Notices),
	}, nil
}

// noticed is what notices are about, each word once.
func noticed(list []record.Notice) string {
	var words []string
	for _, n := range list {
		if !slices.Contains(words, n.About) {
			words = append(words, n.About)
		}
	}
	return strings.Join(words, ", ")
}

// checksum is that of a row's columns.
func checksum(columns ...any) string {
	words := make([]string, len(columns))
	for i, c := range columns {
		switch c := c.(type) {
		case []byte:
			words[i] = string(c)
		default:
			words[i] = fmt.Sprint(c)
		}
	}
	return digest(words...)
}

// finite is NULL where there is no number.
func finite(v float64) any {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return v
}

// machineOf returns the machine of the run's first launch that names one, else nil.
func machineOf(r *record.Record, run *record.Run) *record.Machine {
	for _, l := range run.Launches {
		if l.Machine >= 0 && l.Machine < len(r.Machines) {
			return &r.Machines[l.Machine]
		}
	}
	return nil
}

// machineKey identifies a machine.
func machineKey(m record.Machine) string { return digest(m.Identity()...) }

// keys returns the columns series and twin of tables.go.
func keys(r *record.Record, run *record.Run) (series, twin string, err error) {
	words := []string{run.Graph.Name}
	for _, s := range setting.Of(run.Config) {
		if !s.Comparable {
			words = append(words, s.Name, s.Text(run.Config))
		}
	}
	series = digest(words...)
	var l record.Launch
	if len(run.Launches) > 0 {
		l = run.Launches[0]
	}
	launch, err := json.Marshal([]any{l.Worker, l.TensorFlow, l.Resolved})
	if err != nil {
		return "", "", fmt.Errorf("keeping a record: %w", err)
	}
	return series, digest(series, run.Graph.SHA256, r.Epochtime, r.Labels["commit"], string(launch)), nil
}

// digest returns a short hash of words.
func digest(words ...string) string {
	h := sha256.New()
	for _, w := range words {
		fmt.Fprintf(h, "%d:%s", len(w), w)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
