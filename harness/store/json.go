package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"time"

	"epochtime/harness/compare"
	"epochtime/harness/record"
)

// JSONSchema is the version of the JSON form of lists.
const JSONSchema = 1

type entryJSON struct {
	ID       string            `json:"id"`
	Started  time.Time         `json:"started"`
	Kind     string            `json:"kind"`
	Status   string            `json:"status"`
	Labels   map[string]string `json:"labels"`
	Tags     []string          `json:"tags"`
	Machines []string          `json:"machines"`
	Launches int               `json:"launches"`
	Runs     []runJSON         `json:"runs"`
}

type runJSON struct {
	Graph    string        `json:"graph"`
	Side     string        `json:"side"`
	Title    string        `json:"title"`
	Hostname string        `json:"hostname"`
	Launches int           `json:"launches"`
	Median   record.Number `json:"median"` // seconds per epoch
	Low      record.Number `json:"low"`
	High     record.Number `json:"high"`
	Notices  string        `json:"notices"` // what they are about; empty: there are none
}

// WriteJSON writes a list of records as indented JSON.
func WriteJSON(w io.Writer, entries []Entry) error {
	out := struct {
		Schema  int         `json:"schema"`
		Records []entryJSON `json:"records"`
	}{JSONSchema, []entryJSON{}}
	for _, e := range entries {
		one := entryJSON{e.ID, e.Started, e.Kind, e.Status, e.Labels, append([]string{}, e.Tags...), append([]string{}, e.Machines...), e.Launches, []runJSON{}}
		for _, r := range e.Runs {
			one.Runs = append(one.Runs, runJSON{r.Graph, r.Side, r.Title, r.Hostname, r.Launches, orNaN(r.Median), orNaN(r.Low), orNaN(r.High), r.Notices})
		}
		out.Records = append(out.Records, one)
	}
	return writeJSON(w, out)
}

func orNaN(v sql.NullFloat64) record.Number {
	if !v.Valid {
		return record.Number(math.NaN())
	}
	return record.Number(v.Float64)
}

type bestJSON struct {
	Graph      string          `json:"graph"`
	SHA256     string          `json:"sha256"`
	Machine    string          `json:"machine"`
	TensorFlow string          `json:"tensorflow"`
	Record     string          `json:"record"` // id of the search
	Found      time.Time       `json:"found"`
	Default    record.Config   `json:"default"`
	Changes    []string        `json:"changes"` // as an ab takes them; empty: nothing is faster
	Best       bestConfigJSON  `json:"best"`
	Ratio      record.Number   `json:"ratio"` // time of the best over the default's
	Interval   []record.Number `json:"interval,omitempty"`
}

type bestConfigJSON struct {
	Graph  string        `json:"graph"`
	SHA256 string        `json:"sha256"`
	Config record.Config `json:"config"`
}

// WriteBestJSON writes a list of best settings as indented JSON.
func WriteBestJSON(w io.Writer, list []compare.Best) error {
	out := struct {
		Schema int        `json:"schema"`
		Best   []bestJSON `json:"best"`
	}{JSONSchema, []bestJSON{}}
	for _, b := range list {
		one := bestJSON{
			Graph: b.Default.Graph.Name, SHA256: b.Default.Graph.SHA256, Machine: b.Machine.Title(), TensorFlow: b.TensorFlow, Record: b.ID, Found: b.Found,
			Default: b.Default.Config, Changes: append([]string{}, b.Changes()...), Ratio: record.Number(b.Ratio.Median),
			Best: bestConfigJSON{b.Winner.Graph.Name, b.Winner.Graph.SHA256, b.Winner.Config},
		}
		if b.Ratio.Known() {
			one.Interval = []record.Number{record.Number(b.Ratio.Low), record.Number(b.Ratio.High)}
		}
		out.Best = append(out.Best, one)
	}
	return writeJSON(w, out)
}

// writeJSON writes a list as a person and a program read it.
func writeJSON(w io.Writer, list any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(list); err != nil {
		return fmt.Errorf("writing the list: %w", err)
	}
	return nil
}
