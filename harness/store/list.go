package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"epochtime/harness/record"
)

// Filter chooses records; its zero value chooses all.
type Filter struct {
	Graph   string            // one of its runs is of this graph
	Labels  map[string]string // it has all of these
	Tag     string
	Machine string    // name of one of its machines, or host name of one of its runs
	Since   time.Time // it began then or later
	Before  time.Time // it began earlier
	Limit   int       // only so many, the newest; 0 is all
}

// Entry is one record of a list.
type Entry struct {
	ID       string
	Started  time.Time
	Kind     string
	Status   string
	Labels   map[string]string
	Tags     []string
	Machines []string // their titles, each once
	Launches int
	Runs     []Run
}

// Run is one run of a list's record. Times are seconds per epoch. Median is not
// valid where no launch was ok, Low and High where there is no interval.
type Run struct {
	Graph, Side, Title, Hostname string
	Launches                     int // that were ok
	Median, Low, High            sql.NullFloat64
	Notices                      string // what of the person's own training is not in the time, in words such as "callbacks, shuffle"
}

// where is the filter as a condition on records, and its values.
func (f Filter) where() (string, []any) {
	conditions, args := []string{"1"}, []any{}
	add := func(condition string, values ...any) {
		conditions, args = append(conditions, condition), append(args, values...)
	}
	if f.Graph != "" {
		add("id IN (SELECT record FROM runs WHERE graph = ?)", f.Graph)
	}
	if f.Machine != "" {
		add("(id IN (SELECT record FROM runs WHERE hostname = ?) OR EXISTS (SELECT 1 FROM json_each("+machinesOf+"(text)) WHERE value = ?))", f.Machine, f.Machine)
	}
	if f.Tag != "" {
		add("id IN (SELECT record FROM tags WHERE name = ?)", f.Tag)
	}
	for key, value := range f.Labels {
		add("EXISTS (SELECT 1 FROM json_each(CASE WHEN json_valid(labels) THEN labels END) WHERE key = ? AND value = ?)", key, value)
	}
	if !f.Since.IsZero() {
		add("started >= ?", f.Since.UnixNano())
	}
	if !f.Before.IsZero() {
		add("started < ?", f.Before.UnixNano())
	}
	text := strings.Join(conditions, " AND ") + " ORDER BY started DESC, id"
	if f.Limit > 0 {
		text += " LIMIT ?"
		args = append(args, f.Limit)
	}
	return text, args
}

// List returns the records that a filter means, the newest first.
func (s *Store) List(f Filter) ([]Entry, error) {
	tx, err := s.db.BeginTx(context.Background(), &sql.TxOptions{ReadOnly: true}) // so that all of it is of one moment
	if err != nil {
		return nil, s.failed("reading", err)
	}
	defer tx.Rollback() // nothing was changed
	out, err := entries(tx, f)
	return out, s.failed("reading", err)
}

// IDs returns the ids of the records that a filter means, the newest first, also of
// damaged ones.
func (s *Store) IDs(f Filter) ([]string, error) {
	where, args := f.where()
	out, err := s.ids("SELECT id FROM records WHERE "+where, args...)
	return out, s.failed("reading", err)
}

func entries(tx *sql.Tx, f Filter) ([]Entry, error) {
	where, args := f.where()
	rows, err := tx.Query("SELECT id, started, kind, status, labels, launches, "+machinesOf+"(text) FROM records WHERE "+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Entry
	at := map[string]int{}
	for rows.Next() {
		var e Entry
		var started int64
		var labels, machines string
		if err := rows.Scan(&e.ID, &started, &e.Kind, &e.Status, &labels, &e.Launches, &machines); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(machines), &e.Machines); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(labels), &e.Labels); err != nil {
			return nil, fmt.Errorf("record %s: %w: its labels: %w", named(e.ID), ErrDamaged, err)
		}
		e.Started = time.Unix(0, started)
		at[e.ID] = len(out)
		out = append(out, e)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if err := addRuns(tx, out, at, where, args); err != nil {
		return nil, err
	}
	return out, addTags(tx, out, at)
}

func addRuns(tx *sql.Tx, out []Entry, at map[string]int, where string, args []any) error {
	rows, err := tx.Query(`SELECT record, graph, side, title, hostname, launches, median, low, high, notices FROM runs
WHERE record IN (SELECT id FROM records WHERE `+where+`) ORDER BY record, position`, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var r Run
		if err := rows.Scan(&id, &r.Graph, &r.Side, &r.Title, &r.Hostname, &r.Launches, &r.Median, &r.Low, &r.High, &r.Notices); err != nil {
			return err
		}
		e := &out[at[id]]
		e.Runs = append(e.Runs, r)
	}
	return rows.Err()
}

func addTags(tx *sql.Tx, out []Entry, at map[string]int) error {
	rows, err := tx.Query("SELECT name, record FROM tags ORDER BY name")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name, id string
		if err := rows.Scan(&name, &id); err != nil {
			return err
		}
		if i, ok := at[id]; ok {
			out[i].Tags = append(out[i].Tags, name)
		}
	}
	return rows.Err()
}

// Point is one session of a series.
type Point struct {
	ID      string
	Started time.Time
	Commit  string // the record's label commit
	Run     Run
}

// Trend is the epoch time of one configuration from session to session.
type Trend struct {
	Graph, Hostname string
	Points          []Point // the oldest first
	Others          int     // other configurations or machines of this graph that the filter chooses
}

// Seconds returns the epoch time of each session.
func (t *Trend) Seconds() []float64 {
	out := make([]float64, len(t.Points))
	for i, p := range t.Points {
		out[i] = p.Run.Median.Float64
	}
	return out
}

// Trend returns the sessions of one graph on one machine with one configuration,
// that of the newest record that the filter chooses. Side A of two is left out: it
// is what the other side was compared with.
func (s *Store) Trend(f Filter) (*Trend, error) {
	where, args := f.where()
	rows, err := s.db.Query(`SELECT r.id, r.started, r.labels, runs.graph, runs.hostname, runs.machine, runs.series, runs.launches, runs.median, runs.low, runs.high, runs.notices
FROM (SELECT id, started, labels, kind FROM records WHERE `+where+`) AS r JOIN runs ON runs.record = r.id
WHERE r.kind <> ? AND runs.graph = ? AND runs.side <> 'A' AND runs.median > 0 ORDER BY r.started DESC, r.id, runs.position`, append(args, record.KindLargest, f.Graph)...)
	if err != nil {
		return nil, s.failed("reading", err)
	}
	defer rows.Close()
	out := &Trend{Graph: f.Graph}
	followed, others := "", map[string]bool{}
	for rows.Next() {
		var p Point
		var started int64
		var labels, machine, series string
		if err := rows.Scan(&p.ID, &started, &labels, &p.Run.Graph, &p.Run.Hostname, &machine, &series, &p.Run.Launches, &p.Run.Median, &p.Run.Low, &p.Run.High, &p.Run.Notices); err != nil {
			return nil, s.failed("reading", err)
		}
		if followed == "" {
			followed, out.Hostname = machine+series, p.Run.Hostname
		}
		if machine+series != followed {
			others[machine+series] = true
			continue
		}
		var words map[string]string
		if err := json.Unmarshal([]byte(labels), &words); err != nil {
			return nil, s.failed("reading", fmt.Errorf("record %s: %w: its labels: %w", named(p.ID), ErrDamaged, err))
		}
		p.Started, p.Commit = time.Unix(0, started), words["commit"]
		out.Points = append(out.Points, p)
	}
	slices.Reverse(out.Points)
	out.Others = len(others)
	return out, s.failed("reading", rows.Err())
}
