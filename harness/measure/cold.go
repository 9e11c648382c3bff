package measure

import (
	"epochtime/harness/record"
	"epochtime/harness/setting"
)

// checkCold reports settings that contradict a cold launch. Its first epoch is marked
// as warm-up, so that it is not among the measured ones.
func checkCold(c record.Config) error {
	if c.Warmup != 1 {
		return setting.Errorf("warmup", "a cold launch begins with one epoch that is not among the measured ones, the first, and has no other: leave it at 1")
	}
	if c.Resident() {
		return setting.Errorf("cold", "resident data is taken to the device before the first epoch, which would not be as a person sees it: use one of the two")
	}
	return nil
}
