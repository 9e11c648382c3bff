package estimate

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"

	"epochtime/harness/record"
)

// From returns a record with the answer to what is asked from the probes in another one,
// which may have been measured on another machine: of the kind record.KindEstimate or
// record.KindSweep. Its launches are those of the graph with that sha256 or of its best
// form, and of the settings of the first of its runs. The errors are ErrProbes and ErrAsked.
func From(probed *record.Record, graph string, a record.Asked) (*record.Record, error) {
	if probed == nil {
		return nil, fmt.Errorf("%w: there is no record", ErrProbes)
	}
	if k := probed.Plan.Kind; k != record.KindEstimate && k != record.KindSweep {
		return nil, fmt.Errorf("%w: the record is of the kind %s, and probes are of the kinds %s and %s", ErrProbes, k, record.KindEstimate, record.KindSweep)
	}
	out := *probed
	out.Plan.Kind, out.Runs, out.Bills = record.KindEstimate, nil, nil
	out.Status = record.Complete // there is nothing to go on with
	out.ID = idOf(probed.ID, a)
	out.Estimate = &record.Estimate{Asked: a, From: probed.ID}
	if e := probed.Estimate; e != nil {
		out.Estimate.Data, out.Estimate.Most = e.Data, e.Most
	}
	named := ""
	skip := 0
	if probed.Estimate != nil {
		skip = pilots(probed)
	}
	for _, r := range probed.Runs[skip:] {
		named = r.Graph.Name
		if of(r, graph) && (len(out.Runs) == 0 || alike(r.Config, out.Runs[0].Config)) {
			out.Runs = append(out.Runs, r)
		}
	}
	if len(out.Runs) == 0 {
		return nil, fmt.Errorf("%w: the record is of another graph, %s, or of another export of it", ErrProbes, named)
	}
	if err := oneMachine(&out); err != nil {
		return nil, err
	}
	if err := worthOf(&out); err != nil {
		return nil, err
	}
	return &out, Fill(&out)
}

// of reports whether a run is of the graph with that sha256, or of the form of it that best
// settings name.
func of(r record.Run, graph string) bool {
	return r.Graph.SHA256 == graph || r.Settings != nil && r.Settings.Graph == graph
}

// idOf is the id of a record with an answer from the probes of another one: the same for
// the same question.
func idOf(probed string, a record.Asked) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %+v", probed, a))
	return hex.EncodeToString(sum[:8])
}

// alike reports whether two configurations differ in no more than batch, examples and
// epochs.
func alike(a, b record.Config) bool {
	a.Batch, a.Samples, a.Epochs, a.Warmup, a.Timeout = b.Batch, b.Samples, b.Epochs, b.Warmup, b.Timeout
	return same(a, b)
}

// oneMachine returns an error where the launches are of several machines.
func oneMachine(rec *record.Record) error {
	first := -1
	for _, r := range rec.Runs {
		for _, l := range r.Launches {
			if first < 0 {
				first = l.Machine
			}
			if l.Machine != first && l.Machine < len(rec.Machines) && !rec.Machines[l.Machine].Same(rec.Machines[first]) {
				return fmt.Errorf("%w: its launches are of several machines, and an answer is of one", ErrProbes)
			}
		}
	}
	return nil
}

// worthOf returns an error where a record has too few sizes for an answer.
func worthOf(rec *record.Record) error {
	sizes := map[int]int{}
	for _, p := range pointsOf(rec, 0) {
		if sizes[p.batch]++; sizes[p.batch] > 1 {
			return nil
		}
	}
	return fmt.Errorf("%w: it takes epochs of two lengths at the same batch, and the record has none", ErrProbes)
}

// machineOf returns the machine that the probes of a record ran on.
func machineOf(rec *record.Record) (record.Machine, bool) {
	for i, r := range rec.Runs {
		for _, l := range r.Launches {
			if l.Status == record.OK && l.Machine < len(rec.Machines) && !rec.Estimate.HoldsOut(i) {
				return rec.Machines[l.Machine], true
			}
		}
	}
	return record.Machine{}, false
}

// same reports whether two configurations have the same settings.
func same(a, b record.Config) bool { return reflect.DeepEqual(normal(a), normal(b)) }

// normal is a configuration whose empty lists and maps are nil.
func normal(c record.Config) record.Config {
	if len(c.Data) == 0 {
		c.Data = nil
	}
	if len(c.Preprocess) == 0 {
		c.Preprocess = nil
	}
	if len(c.Inputs) == 0 {
		c.Inputs = nil
	}
	if len(c.Env) == 0 {
		c.Env = nil
	}
	if len(c.Worker) == 0 {
		c.Worker = nil
	}
	return c
}
