package compare

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// JSONSchema is the version of the JSON forms of comparisons and rankings.
const JSONSchema = 1

type comparisonJSON struct {
	Schema        int           `json:"schema"`
	Verdict       Verdict       `json:"verdict"`
	Threshold     float64       `json:"threshold"`
	SameSession   bool          `json:"same_session"`
	GeometricMean record.Number `json:"geometric_mean"`
	Pairs         []pairJSON    `json:"pairs"`
	Doubts        []string      `json:"doubts"`
	OnlyBase      []string      `json:"only_base"`
	OnlyNew       []string      `json:"only_new"`
	LeftOut       []string      `json:"left_out"`
}

type pairJSON struct {
	Title      string        `json:"title"`
	Graph      string        `json:"graph"`
	Config     record.Config `json:"config"` // of the new side
	PerExample bool          `json:"per_example"`
	ratioJSON
	Blocks        int             `json:"blocks"`
	Verdict       Verdict         `json:"verdict"`
	Smallest      record.Number   `json:"smallest_slowdown"` // that these launches would have called, as a share; null where none or not known
	Failures      string          `json:"failures"`          // which launches failed; empty where none did
	Notices       []record.Notice `json:"notices"`           // of both sides
	Doubts        []string        `json:"doubts"`
	Needed        int             `json:"needed_launches"`
	NeededSeconds float64         `json:"needed_s"`
}

type ratioJSON struct {
	Ratio      record.Number `json:"ratio"`
	Low        record.Number `json:"low"`
	High       record.Number `json:"high"`
	Confidence float64       `json:"confidence"`
}

func ratioOf(r stats.Ratio) ratioJSON {
	return ratioJSON{record.Number(r.Median), record.Number(r.Low), record.Number(r.High), r.Confidence}
}

// WriteJSON writes the comparison as indented JSON. threshold is the change that
// mattered to its verdicts, as a share.
func (c *Comparison) WriteJSON(w io.Writer, threshold float64) error {
	if c == nil {
		return ErrNothing
	}
	out := comparisonJSON{
		Schema: JSONSchema, Verdict: c.Verdict(), Threshold: threshold, SameSession: c.SameSession,
		GeometricMean: record.Number(c.GeometricMean), Pairs: []pairJSON{},
		Doubts: list(c.Doubts), OnlyBase: list(c.OnlyBase), OnlyNew: list(c.OnlyNew), LeftOut: list(c.LeftOut),
	}
	for _, p := range c.Pairs {
		needed := p.NeededSeconds()
		if math.IsInf(needed, 0) || math.IsNaN(needed) {
			needed = 0
		}
		out.Pairs = append(out.Pairs, pairJSON{
			Title: p.Title, Graph: p.New.Graph.Name, Config: p.New.Config, PerExample: p.PerExample,
			ratioJSON: ratioOf(p.Ratio), Blocks: p.Ratio.Blocks, Verdict: p.Verdict, Smallest: record.Number(p.SmallestSlowdown(Power)), Failures: p.Failures.String(), Notices: list(Notices(p.Base, p.New)), Doubts: list(p.Doubts),
			Needed: p.Needed, NeededSeconds: needed,
		})
	}
	return encode(w, out)
}

type rankingsJSON struct {
	Schema   int           `json:"schema"`
	Rankings []rankingJSON `json:"rankings"`
	Doubts   []string      `json:"doubts"`
	LeftOut  []string      `json:"left_out"`
}

type rankingJSON struct {
	Title      string          `json:"title"`
	Graph      string          `json:"graph"`
	PerExample bool            `json:"per_example"`
	Places     []placeJSON     `json:"places"`
	Notices    []record.Notice `json:"notices"` // of all places
	Doubts     []string        `json:"doubts"`
}

type placeJSON struct {
	Record  string        `json:"record"`
	ID      string        `json:"id"`
	Config  record.Config `json:"config"`
	Seconds record.Number `json:"seconds"` // per epoch or example
	ratioJSON
}

// WriteJSON writes the rankings as indented JSON. Ratios are over the first place.
func (r *Rankings) WriteJSON(w io.Writer) error {
	if r == nil {
		return ErrNothing
	}
	out := rankingsJSON{Schema: JSONSchema, Rankings: []rankingJSON{}, Doubts: list(r.Doubts), LeftOut: list(r.LeftOut)}
	for _, ranking := range r.Rankings {
		one := rankingJSON{Title: ranking.Title, Graph: ranking.Places[0].Run.Graph.Name, PerExample: ranking.PerExample, Doubts: list(ranking.Doubts)}
		for _, p := range ranking.Places {
			one.Places = append(one.Places, placeJSON{
				Record: p.Name, ID: p.ID, Config: p.Run.Config, Seconds: record.Number(p.Seconds), ratioJSON: ratioOf(p.Ratio),
			})
		}
		one.Notices = list(Notices(runsOf(ranking)...))
		out.Rankings = append(out.Rankings, one)
	}
	return encode(w, out)
}

func runsOf(r Ranking) []*record.Run {
	var out []*record.Run
	for _, p := range r.Places {
		out = append(out, p.Run)
	}
	return out
}

func encode(w io.Writer, v any) error {
	if w == nil {
		return errors.New("writing a comparison: there is no writer")
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("writing a comparison: %w", err)
	}
	return nil
}

// list is a list that JSON shows as [] where it is nil.
func list[T any](of []T) []T {
	if of == nil {
		return []T{}
	}
	return of
}
