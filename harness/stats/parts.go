package stats

import "epochtime/harness/record"

// Names of the parts of a session's time.
const (
	PartGraphs     = "graphs"           // finding and exporting them
	PartParity     = "parity"           // comparing them with Keras
	PartIdle       = "idle power"       // measuring that of the idle machine
	PartStart      = "start"            // of a process, until it says hello
	PartTransfer   = "transfer"         // of files to another machine
	PartData       = "data"             // reading it, or making it
	PartLoad       = "load"             // the graph
	PartFirstSteps = "first steps"      // one for each batch shape
	PartReset      = "reset"            // putting variables back
	PartWarmup     = "warm-up"          // epochs, or the first epoch of a cold launch
	PartEpochs     = "epochs"           // that are measured
	PartProbing    = "probing"          // of a probe, the machine's limits
	PartValidation = "validation"       // after epochs
	PartAround     = "around epochs"    // between them, looking at memory and data files; in Keras's fit also before and after
	PartWeights    = "weights"          // saving them
	PartEnding     = "ending"           // of a process, after it has told everything
	PartBetween    = "between launches" // choosing the next, preparing and clearing away its process, summing up
	PartFailed     = "failed"           // launches that did not work, whole
	PartUntimed    = "untimed"          // launches that are not timed, such as traces
	PartSaving     = "saving"           // the record
)

// Part is one part of a session's time.
type Part struct {
	Name    string
	Seconds float64
}

// Parts says where the time of a session, or of a launch, went.
type Parts struct {
	Wall float64 // seconds
	List []Part  // measured, each on its own; in the order of a session, without those of 0 s
}

// Explained returns the share of the wall time that the parts are.
func (p Parts) Explained() float64 {
	sum := 0.0
	for _, part := range p.List {
		sum += part.Seconds
	}
	return ratio(sum, p.Wall)
}

// PartsOf returns where the time of a record's session went, and false where the record
// does not tell.
func PartsOf(r *record.Record) (Parts, bool) {
	if r == nil || r.Spent == nil || r.Spent.Wall <= 0 {
		return Parts{}, false
	}
	took := map[string]float64{
		PartGraphs: r.Spent.Graphs, PartParity: r.Spent.Parity, PartBetween: r.Spent.Between, PartIdle: r.Spent.Idle, PartUntimed: r.Spent.Extra, PartSaving: r.Spent.Saving,
	}
	for i := range r.Runs {
		for j := range r.Runs[i].Launches {
			addLaunch(took, &r.Runs[i].Launches[j])
		}
	}
	return Parts{r.Spent.Wall, partsInOrder(took)}, true
}

// PartsOfLaunch returns where the time of one launch went.
func PartsOfLaunch(l record.Launch) Parts {
	took := map[string]float64{}
	addLaunch(took, &l)
	return Parts{l.Wall, partsInOrder(took)}
}

// partsInOrder lists parts in the order of a session.
func partsInOrder(took map[string]float64) []Part {
	var out []Part
	for _, name := range []string{
		PartGraphs, PartParity, PartIdle, PartStart, PartTransfer, PartData, PartLoad, PartFirstSteps, PartReset, PartWarmup, PartEpochs, PartProbing, PartValidation, PartAround,
		PartWeights, PartEnding, PartBetween, PartFailed, PartUntimed, PartSaving,
	} {
		if took[name] > 0 {
			out = append(out, Part{name, took[name]})
		}
	}
	return out
}

// addLaunch adds the parts of a launch.
func addLaunch(took map[string]float64, l *record.Launch) {
	if l.Status != record.OK {
		took[PartFailed] += l.Wall
		return
	}
	took[PartStart] += l.Cold.Start
	took[PartTransfer] += l.Cold.Transfer
	took[PartData] += l.Cold.Data
	took[PartLoad] += l.Cold.Load
	took[PartFirstSteps] += l.Cold.FirstSteps()
	took[PartReset] += l.Cold.Reset
	for i, e := range l.Epochs {
		name := PartEpochs
		if e.Warmup {
			name = PartWarmup
		}
		took[name] += e.Seconds
		took[PartValidation] += e.Validation
		if i > 0 {
			before := l.Epochs[i-1]
			between := PartAround
			if l.EpochsDone > 0 && !before.Warmup { // epochs that are not kept lie there
				between = PartEpochs
			}
			took[between] += max(0, e.Start-before.Start-before.Seconds-before.Validation)
		}
	}
	took[PartProbing] += l.Probing
	took[PartAround] += l.Around
	took[PartWeights] += l.Saving
	took[PartEnding] += l.Ending
}
