package scripted

import (
	"strconv"

	"epochtime/harness/record"
)

// validate makes validation of so many seconds follow each epoch, with metrics of both.
func (w *worker) validate(seconds string) (err error) {
	w.validation, err = strconv.ParseFloat(seconds, 64)
	return err
}

// grow makes each epoch tell its memory, so many MiB more than the one before.
func (w *worker) grow(mib string) error {
	n, err := strconv.ParseUint(mib, 10, 32)
	w.growth, w.told = n<<20, true
	return err
}

// complete adds to an epoch what the script says of validation and memory.
func (w *worker) complete(e *record.Epoch) {
	if w.told {
		e.RSS = 200<<20 + uint64(e.Index)*w.growth
	}
	if w.validation == 0 {
		return
	}
	e.Validation, e.ValidationSteps, e.ValidationSamples = w.validation, 4, 100
	e.Metrics = map[string]record.Number{"accuracy": 0.875, "val_accuracy": 0.75, "val_loss": 0.5}
}
