package store

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"epochtime/harness/record"
	"epochtime/harness/setting"
	"epochtime/harness/stats"
)

// Add keeps a record. A record that is there already is replaced if it has grown
// since, as after an interruption; otherwise nothing changes.
func (s *Store) Add(r *record.Record) error {
	_, err := s.Import(r)
	return err
}

// Import is Add, and reports whether the history changed.
func (s *Store) Import(r *record.Record) (bool, error) {
	if err := r.Validate(); err != nil {
		return false, fmt.Errorf("keeping a record: %w", err)
	}
	text, err := pack(r)
	if err != nil {
		return false, err
	}
	added := false
	err = s.change(func(tx *sql.Tx) error {
		newer, err := supersedes(tx, r)
		if err != nil || !newer {
			return err
		}
		added = true
		return insert(tx, r, text)
	})
	return added && err == nil, s.failed("writing", err)
}

func pack(r *record.Record) ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if err := errors.Join(r.Write(z), z.Close()); err != nil {
		return nil, fmt.Errorf("keeping a record: %w", err)
	}
	return b.Bytes(), nil
}

func unpack(text []byte) (*record.Record, error) {
	z, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	return record.Read(z)
}

// supersedes reports whether the record is new or has more than what is kept.
func supersedes(tx *sql.Tx, r *record.Record) (bool, error) {
	var started int64
	var launches int
	var status string
	row := tx.QueryRow("SELECT started, launches, status FROM records WHERE id = ?", r.ID)
	switch err := row.Scan(&started, &launches, &status); {
	case errors.Is(err, sql.ErrNoRows):
		return true, nil
	case err != nil:
		return false, err
	case started != r.Started.UnixNano():
		return false, fmt.Errorf("record %s is kept already and began at another time: one of the two was edited, or both were given one id", r.ID)
	}
	n := count(r)
	return n > launches || n == launches && status == record.Incomplete && r.Status == record.Complete, nil
}

func count(r *record.Record) int {
	n := 0
	for _, run := range r.Runs {
		n += len(run.Launches)
	}
	return n
}

// insert writes a record and its runs in place of what had its id.
func insert(tx *sql.Tx, r *record.Record, text []byte) error {
	labels, err := json.Marshal(r.Labels)
	if err != nil {
		return err
	}
	if _, err := tx.Exec("DELETE FROM runs WHERE record = ?", r.ID); err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO records (id, started, kind, status, labels, launches, text) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET status = excluded.status, labels = excluded.labels, launches = excluded.launches, text = excluded.text`,
		r.ID, r.Started.UnixNano(), r.Plan.Kind, r.Status, string(labels), count(r), text)
	for i := 0; i < len(r.Runs) && err == nil; i++ {
		err = insertRun(tx, r, i)
	}
	return err
}

func insertRun(tx *sql.Tx, r *record.Record, position int) error {
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
		return err
	}
	_, err = tx.Exec("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", r.ID, position,
		run.Graph.Name, run.Side, run.Title(), hostname, machine, series, twin, launches, finite(median), finite(low), finite(high))
	return err
}

// finite is NULL where there is no number.
func finite(v float64) sql.NullFloat64 {
	return sql.NullFloat64{Float64: v, Valid: !math.IsNaN(v) && !math.IsInf(v, 0)}
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
