package stats

import (
	"math"
	"testing"

	"epochtime/harness/record"
)

// inBlocks numbers launches by their place.
func inBlocks(launches ...record.Launch) *record.Run {
	for i := range launches {
		launches[i].Block = i
		launches[i].Cold.Upload = float64(i)
	}
	return &record.Run{Launches: launches}
}

func TestCostOfFeeding(t *testing.T) {
	// The machine grows slower from block to block; the difference stays near 1.
	fed := inBlocks(ok(5), ok(9, 7), ok(12), ok(20), ok(40), ok(80))
	resident := inBlocks(ok(4), ok(7), ok(11), ok(18.5), ok(39), ok(79.25))
	got, there := CostOfFeeding(fed, resident)
	if !there || got.Pairs != 6 || got.Seconds.Median != 1 || got.Seconds.Low != 0.75 || got.Seconds.High != 1.5 || got.Upload != 2.5 {
		t.Errorf("%+v, %v; want 1 s, between 0.75 and 1.5 s, of 6 pairs", got, there)
	}
	if want := 1 / 16.0; got.Share != want {
		t.Errorf("the share is %v, want %v", got.Share, want)
	}

	// Only blocks in which both are ok count.
	fed = inBlocks(ok(5), failed(record.OOM, ""), ok(12))
	resident = inBlocks(failed(record.Killed, ""), ok(7), ok(13))
	got, there = CostOfFeeding(fed, resident)
	if !there || got.Pairs != 1 || got.Seconds.Median != -1 || got.Seconds.Known() || !math.IsNaN(float64(got.Seconds.Low)) {
		t.Errorf("%+v, %v; want -1 s of one pair, and no interval", got, there)
	}
	if got, there := CostOfFeeding(fed, inBlocks(failed(record.OOM, ""))); there {
		t.Errorf("without a pair: %+v", got)
	}
	if got, there := CostOfFeeding(&record.Run{}, &record.Run{}); there {
		t.Errorf("without launches: %+v", got)
	}
}
