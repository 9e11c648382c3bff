package stats

import (
	"math"
	"reflect"
	"testing"

	"epochtime/harness/record"
)

// session is one in which each part takes a time of its own, a power of 2.
func session() *record.Record {
	epoch := func(index int, start, seconds, validation float64) record.Epoch {
		return record.Epoch{Index: index, Warmup: index == 0, Start: start, Seconds: seconds, Validation: validation}
	}
	return &record.Record{
		Spent: &record.Spent{Graphs: 1, Parity: 2, Between: 65536, Idle: 131072, Extra: 4, Saving: 8},
		Runs: []record.Run{
			{Launches: []record.Launch{{
				Status: record.OK, Around: 384, Saving: 16, Ending: 32,
				Cold: record.Cold{Start: 64, Data: 128, Load: 256, First: 512, Reset: 1024, FirstStep: 3, Compile: 5, Upload: 7}, // the last are in First
				// 2048 s of warm-up, 4096 s of epochs, 8192 s of validation, 16384 s around them.
				Epochs: []record.Epoch{epoch(0, 10, 2048, 0), epoch(1, 10+2048+384, 4000, 8192), epoch(2, 10+2048+384+4000+8192+15616, 96, 0)},
			}}},
			{Launches: []record.Launch{{Status: record.OOM, Wall: 32768, Cold: record.Cold{Start: 99}, Ending: 99, Epochs: []record.Epoch{epoch(0, 0, 99, 99)}}}},
		},
	}
}

func TestParts(t *testing.T) {
	r := session()
	r.Spent.Wall = 262144
	got, known := PartsOf(r)
	want := []Part{
		{PartGraphs, 1}, {PartParity, 2}, {PartIdle, 131072}, {PartStart, 64}, {PartData, 128}, {PartLoad, 256}, {PartFirstSteps, 512}, {PartReset, 1024}, {PartWarmup, 2048}, {PartEpochs, 4096},
		{PartValidation, 8192}, {PartAround, 16384}, {PartWeights, 16}, {PartEnding, 32}, {PartBetween, 65536}, {PartFailed, 32768}, {PartUntimed, 4}, {PartSaving, 8},
	}
	if !known || !reflect.DeepEqual(got.List, want) {
		t.Errorf("the parts are %v", got.List)
	}
	if share := got.Explained(); math.Abs(share-262143.0/262144) > 1e-9 {
		t.Errorf("they explain %g", share)
	}
	r.Runs[0].Launches[0].Cold.First = 0 // as workers in Python have it
	if got, _ := PartsOf(r); got.List[6] != (Part{PartFirstSteps, 12}) {
		t.Errorf("the first steps are %v", got.List[6])
	}
	for name, unknown := range map[string]*record.Record{"no record": nil, "an older one": {}, "one that took no time": {Spent: &record.Spent{}}} {
		if _, known := PartsOf(unknown); known {
			t.Errorf("%s tells where its time went", name)
		}
	}
}

// A probe has no epochs, and its own work is a part.
func TestPartsOfProbe(t *testing.T) {
	l := record.Launch{Status: record.OK, Wall: 16, Cold: record.Cold{Start: 2}, Probing: 13, Ending: 1}
	want := []Part{{PartStart, 2}, {PartProbing, 13}, {PartEnding, 1}}
	if got := PartsOfLaunch(l); !reflect.DeepEqual(got.List, want) || got.Explained() != 1 {
		t.Errorf("the parts are %v, which explain %g", got.List, got.Explained())
	}
}

// Of a long launch not all epochs are kept. The time of the others is not between epochs.
func TestPartsOfEpochsThatAreNotKept(t *testing.T) {
	l := record.Launch{Status: record.OK, Wall: 16, EpochsDone: 7, Epochs: []record.Epoch{
		{Index: 0, Warmup: true, Start: 0, Seconds: 2}, {Index: 1, Start: 3, Seconds: 1}, {Index: 4, Start: 8, Seconds: 1}, {Index: 7, Start: 14, Seconds: 2},
	}}
	want := []Part{{PartWarmup, 2}, {PartEpochs, 13}, {PartAround, 1}}
	if got := PartsOfLaunch(l).List; !reflect.DeepEqual(got, want) {
		t.Errorf("the parts are %v, want %v", got, want)
	}
}
