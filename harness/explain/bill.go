package explain

import (
	"maps"
	"math"
	"slices"

	"epochtime/harness/record"
)

// Bills returns the bills of a record of the kind KindExplain, in the order of its runs:
// one for each graph, and each side.
func Bills(rec *record.Record) []record.Bill {
	if rec == nil || rec.Plan.Kind != record.KindExplain {
		return nil
	}
	var out []record.Bill
	var ledgers []*ledger
	for _, group := range groups(rec) {
		l := newLedger(group)
		b := l.bill()
		for i, other := range out {
			if b.Side == "B" && other.Side == "A" && other.Graph == b.Graph {
				b.Moved = moved(ledgers[i], l)
			}
		}
		out, ledgers = append(out, b), append(ledgers, l)
	}
	return out
}

// groups returns the runs of each bill.
func groups(rec *record.Record) [][]*record.Run {
	type key struct{ sha, side string }
	var order []key
	of := map[key][]*record.Run{}
	for i := range rec.Runs {
		r := &rec.Runs[i]
		k := key{r.Graph.SHA256 + r.Graph.Name, r.Side}
		if of[k] == nil {
			order = append(order, k)
		}
		of[k] = append(of[k], r)
	}
	var out [][]*record.Run
	for _, k := range order {
		out = append(out, of[k])
	}
	return out
}

// blocks are values in seconds by the block of their launch.
type blocks map[int]float64

// ledger is the runs of one bill by what they leave out.
type ledger struct {
	full, graph, stamped, input, uncompiled *record.Run
	without                                 map[record.Part]*record.Run
	removed                                 []record.Part // that a run leaves out, in order
}

// newLedger sorts the runs of a bill, of which the first of fit is fit as it is.
func newLedger(runs []*record.Run) *ledger {
	l := &ledger{without: map[record.Part]*record.Run{}}
	var whole record.Config
	if i := slices.IndexFunc(runs, func(r *record.Run) bool { return r.Config.Fits() }); i >= 0 {
		whole = runs[i].Config
	}
	for _, r := range runs {
		out := Left(r.Config, whole)
		switch {
		case r.Config.OfGraph():
			l.graph = r
		case Uncompiled(r.Config, whole):
			l.uncompiled = r
		case r.Config.Step == record.StepStamped:
			l.stamped = r
		case slices.Contains(out, record.PartStep):
			l.input = r
		case len(out) == 0:
			l.full = r
		case len(out) == 1:
			l.without[out[0]] = r
			l.removed = append(l.removed, out[0])
		}
	}
	return l
}

// bill adds up what the runs took.
func (l *ledger) bill() record.Bill {
	whole := values(l.full, wholeEpoch)
	b := record.Bill{Whole: medianOf(whole), Proof: []string{}}
	for _, r := range []*record.Run{l.full, l.graph} {
		if r != nil {
			b.Graph, b.Side = r.Graph.Name, r.Side
			b.Compiles = b.Compiles || r.Graph.Variant["jit"] == true
		}
	}
	b.Steps = stepsOf(l.full)
	l.add(&b, l.parts(whole), whole)
	l.own(&b)
	l.firstEpochs(&b)
	l.look(&b)
	bound(&b, l.full)
	return b
}

// order of the lines.
var order = []record.Part{record.PartStep, record.PartInput, record.PartValidation, record.PartMetrics, record.PartCallbacks, record.PartOwn}

// parts returns what each part takes, block by block. The graph computes the metrics
// in its step.
func (l *ledger) parts(whole blocks) map[record.Part]blocks {
	out := map[record.Part]blocks{}
	for _, p := range l.removed {
		out[p] = minus(whole, values(l.without[p], wholeEpoch))
	}
	if held := values(l.full, validation); slices.ContainsFunc(slices.Collect(maps.Values(held)), func(s float64) bool { return s > 0 }) {
		out[record.PartValidation] = held
	}
	step := values(l.graph, inStep)
	if metrics := out[record.PartMetrics]; len(metrics) > 0 && len(step) > 0 {
		if told := sharesOf(metrics, step); told.Known() && told.Low > 0 && told.Median <= 1 {
			step = minus(step, metrics)
		} else {
			out[record.PartMetrics] = nil // they stay in the step
		}
	}
	out[record.PartOwn] = values(l.stamped, outsideSteps)
	out[record.PartStep] = step
	return out
}

// add adds the lines, and the one that is left. A line is the mean of its shares of the
// blocks' epochs, so that lines add up and a block that was disturbed as a whole counts
// as the others.
func (l *ledger) add(b *record.Bill, seconds map[record.Part]blocks, whole blocks) {
	known := true
	for _, p := range order {
		of, there := seconds[p]
		if !there {
			continue
		}
		line := record.Line{Part: p, Seconds: none()}
		switch of = both(of, whole); {
		case len(of) > 0:
			line = lineOf(p, of, whole, b.Whole.Median)
		case p == record.PartMetrics && seconds[p] == nil:
			line.Missing = withinStep
		default:
			line.Missing, known = l.missing(p), false
		}
		b.Lines = append(b.Lines, line)
	}
	b.Explained = none()
	left := record.Line{Part: record.PartUnexplained, Seconds: none(), Missing: "not every line is known"}
	if rest := rest(seconds, whole); known && len(rest) > 0 {
		left = lineOf(record.PartUnexplained, rest, whole, b.Whole.Median)
		b.Explained = sharesOf(minus(whole, rest), whole)
	}
	b.Lines = append(b.Lines, left)
}

// rest returns what no part explains of the whole.
func rest(seconds map[record.Part]blocks, whole blocks) blocks {
	out := whole
	for _, p := range order {
		if of := seconds[p]; of != nil {
			out = minus(out, of)
		}
	}
	return out
}

// withinStep is why metrics have no figure that launches can tell from 0.
const withinStep = "they are within the step, from which these launches cannot tell them"

// lineOf returns a line as a share of the whole, which takes median seconds.
func lineOf(p record.Part, of, whole blocks, median float64) record.Line {
	shares := sharesOf(of, whole)
	return record.Line{Part: p, Share: shares.Median, Seconds: record.Interval{
		Median: median * shares.Median, Low: record.Number(median) * shares.Low, High: record.Number(median) * shares.High, Confidence: shares.Confidence,
	}}
}

// missing says why a line is not known.
func (l *ledger) missing(p record.Part) string {
	needed := map[record.Part][]*record.Run{record.PartStep: {l.graph}, record.PartOwn: {l.stamped}}[p]
	for _, r := range append(needed, l.without[p], l.full) {
		if r == nil {
			continue
		}
		for _, launch := range r.Launches {
			if launch.Status != record.OK && launch.Reason != "" {
				return launch.Reason
			}
		}
	}
	return "it was not launched"
}

// own splits fit's own cost: what passes outside its calls is per epoch, the rest falls
// on the steps.
func (l *ledger) own(b *record.Bill) {
	i := slices.IndexFunc(b.Lines, func(line record.Line) bool { return line.Part == record.PartOwn && line.Missing == "" })
	if i < 0 || b.Steps == 0 {
		return
	}
	b.PerEpoch = math.Max(0, math.Min(medianOf(values(l.stamped, outsideCalls)).Median, b.Lines[i].Seconds.Median))
	b.PerStep = math.Max(0, b.Lines[i].Seconds.Median-b.PerEpoch) / float64(b.Steps)
	if l.input != nil {
		alone := medianOf(values(l.input, inStep)).Median
		exposed := medianOf(minus(values(l.full, wholeEpoch), values(l.without[record.PartInput], wholeEpoch))).Median
		if hidden := alone - math.Max(0, exposed); hidden > 0 {
			b.Hidden = hidden
		}
	}
}

// firstEpochs tells first epochs from later ones.
func (l *ledger) firstEpochs(b *record.Bill) {
	first := values(l.full, nil)
	if l.full == nil || len(first) == 0 {
		return
	}
	b.First = new(medianOf(first))
	if l.uncompiled == nil {
		return
	}
	later, off := values(l.full, training), values(l.uncompiled, training)
	saved := medianOf(minus(off, later)).Median
	more := medianOf(minus(minus(first, later), minus(values(l.uncompiled, nil), off))).Median
	if saved > 0 && more > 0 {
		b.CompilingPays = more / saved
	}
}

// look takes over what single launches showed of the inside of steps and pipeline.
func (l *ledger) look(b *record.Bill) {
	for _, r := range []*record.Run{l.graph, l.full} {
		if r == nil || r.Inside == nil {
			continue
		}
		if len(r.Inside.Operations) > 0 {
			b.Operations, b.Idle = r.Inside.Operations, r.Inside.Idle
		}
		if len(r.Inside.Stages) > 0 {
			b.Stages = r.Inside.Stages
		}
	}
}
