package scripted

import (
	"os"
	"slices"
	"strconv"
	"strings"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// ScriptVariable names the environment variable with the script of a worker in Python.
const ScriptVariable = "SCRIPTED_PYTHON"

// GoodPython is the script of a worker in Python that does every job.
const GoodPython = `
job
keras
[train]
train
[stages]
stages map train.py 38 0.03125 batch - 0 0.0078125
[any]
done
`

// Python stands in for Python with pygen. As "-m pygen.worker" it is a worker that
// follows the script in the file that ScriptVariable names, or GoodPython; else it is
// Exporter.
func Python() {
	if slices.Equal(os.Args[1:], []string{"-m", "pygen.worker"}) {
		play(os.Getenv(ScriptVariable), GoodPython)
		return
	}
	Exporter()
}

// greet says hello as a worker in Python does, which knows no machine.
func (w *worker) greet(string) error {
	return w.send(protocol.Event{Event: protocol.EventHello, Hello: &protocol.Hello{
		Protocol: protocol.Version, Epochtime: record.Program, TensorFlow: "2.21.0-scripted",
		Versions: map[string]string{"keras": "3.15.1", "python": "3.11.7"},
	}})
}

// callback makes callbacks take so many seconds of each epoch.
func (w *worker) callback(seconds string) (err error) {
	w.callbacks, err = strconv.ParseFloat(seconds, 64)
	return err
}

// lose sets the loss of the first epoch.
func (w *worker) lose(loss string) (err error) {
	w.loss, err = strconv.ParseFloat(loss, 64)
	return err
}

func (w *worker) examples(string) error {
	const text = "the examples"
	if err := os.WriteFile(w.job.Examples, []byte(text), 0o644); err != nil {
		return err
	}
	return w.send(protocol.Event{Event: protocol.EventExamples, Examples: &protocol.Saved{
		Path: w.job.Examples, Bytes: int64(len(text)), Warnings: w.warnings,
	}})
}

func (w *worker) stages(list string) error {
	out := &protocol.Pipeline{}
	for stage := range slices.Chunk(strings.Fields(list), 4) {
		numbers, err := floats(strings.Join(stage[2:], " "))
		if err != nil {
			return err
		}
		out.Stages = append(out.Stages, record.Stage{Name: stage[0], File: strings.Trim(stage[1], "-"), Line: int(numbers[0]), Seconds: numbers[1]})
	}
	return w.send(protocol.Event{Event: protocol.EventStages, Stages: out})
}
