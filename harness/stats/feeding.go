package stats

import "epochtime/harness/record"

// Feeding is what feeding batches adds to an epoch whose data could also stay on
// the device. Times are in seconds.
type Feeding struct {
	Pairs   int             // blocks in which a launch of each was ok
	Seconds record.Interval // per epoch; negative where the fed epoch is the shorter
	Share   float64         // of a fed epoch
	Upload  float64         // to bring the data to the device, once per launch
}

// CostOfFeeding compares the launches of one graph fed in batches with those on
// resident data. The launches of a pair are of the same block, close in time, so
// the machine's drift cancels in their difference. It reports false where there is
// no pair.
func CostOfFeeding(fed, resident *record.Run) (Feeding, bool) {
	medians := make(map[int]float64)
	for _, l := range fed.Launches {
		if seconds, ok := LaunchMedian(l); ok {
			medians[l.Block] = seconds
		}
	}
	var differences, epochs, uploads []float64
	for _, l := range resident.Launches {
		seconds, ok := LaunchMedian(l)
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
