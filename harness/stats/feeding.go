package stats

import "epochtime/harness/record"

// Feeding is what feeding batches adds to an epoch whose data could also stay on
// the device.
type Feeding struct {
	Pairs   int             // blocks in which a launch of each was ok
	Seconds record.Interval // an epoch; below zero where the fed one is the shorter
	Share   float64         // of an epoch that is fed
	Upload  float64         // seconds once a launch, to bring the data to the device
}

// CostOfFeeding compares the launches of one graph, fed in batches and with
// resident data. Both of a pair were done in the same block, close in time, so
// that the machine's drift falls on both; the unit is the pair's difference.
// False says that there is no pair.
func CostOfFeeding(fed, resident *record.Run) (Feeding, bool) {
	medians := make(map[int]float64)
	for _, l := range fed.Launches {
		if seconds, ok := launchMedian(l); ok {
			medians[l.Block] = seconds
		}
	}
	var differences, epochs, uploads []float64
	for _, l := range resident.Launches {
		seconds, ok := launchMedian(l)
		other, paired := medians[l.Block]
		if !ok || !paired {
			continue
		}
		differences, epochs = append(differences, other-seconds), append(epochs, other)
		uploads = append(uploads, l.Cold.Upload)
	}
	if len(differences) == 0 {
		return Feeding{}, false
	}
	out := Feeding{Pairs: len(differences), Seconds: median(differences), Upload: middle(uploads)}
	out.Share = ratio(out.Seconds.Median, middle(epochs))
	return out, true
}

// launchMedian is the median of an ok launch's measured epochs.
func launchMedian(l record.Launch) (float64, bool) {
	measured := Measured(l)
	if l.Status != record.OK || len(measured) == 0 {
		return 0, false
	}
	return MedianOf(measured, func(e record.Epoch) float64 { return e.Seconds }), true
}
