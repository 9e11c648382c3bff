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
	"epochtime/harness/stats"
)

// Add keeps a record. One that is there already adds nothing, unless it has grown
// since, as after an interruption: then it takes the place of its former self.
func (s *Store) Add(r *record.Record) error {
	_, err := s.Import(r)
	return err
}

// Import is Add, and tells whether the history changed.
func (s *Store) Import(r *record.Record) (bool, error) {
	id, err := ID(r)
	if err != nil {
		return false, err
	}
	whole := *r
	whole.ID = id
	text, err := pack(&whole)
	if err != nil {
		return false, err
	}
	added := false
	err = s.change(func(tx *sql.Tx) error {
		newer, err := supersedes(tx, &whole)
		if err != nil || !newer {
			return err
		}
		added = true
		return insert(tx, &whole, text)
	})
	return added && err == nil, s.failed("writing", err)
}

// ID is the record's own, or, for older records without one, made from what the
// record holds.
func ID(r *record.Record) (string, error) {
	if r.ID != "" {
		return r.ID, nil
	}
	h := sha256.New()
	if err := r.Write(h); err != nil {
		return "", fmt.Errorf("keeping a record: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
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

// supersedes tells whether the record is new or has more than what is kept.
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
	kind := r.Plan.Kind
	if kind == "" {
		kind = record.KindRun
	}
	_, err = tx.Exec(`INSERT INTO records (id, started, kind, status, labels, launches, text) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET status = excluded.status, labels = excluded.labels, launches = excluded.launches, text = excluded.text`,
		r.ID, r.Started.UnixNano(), kind, r.Status, string(labels), count(r), text)
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

// machineOf is the machine that the run's first launch ran on; nil: not known.
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

// keys are what tables.go says of series and twin. The seed and the number of
// epochs do not change how long an epoch takes, so they are left out.
func keys(r *record.Record, run *record.Run) (series, twin string, err error) {
	c := run.Config
	c.Seed, c.Epochs, c.Warmup = 0, 0, 0
	config, err := json.Marshal(c)
	if err != nil {
		return "", "", fmt.Errorf("keeping a record: %w", err)
	}
	series = digest(run.Graph.Name, string(config))
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

// digest is short, and the same for the same words.
func digest(words ...string) string {
	h := sha256.New()
	for _, w := range words {
		fmt.Fprintf(h, "%d:%s", len(w), w)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
