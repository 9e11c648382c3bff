package measure_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"epochtime/harness/measure"
	"epochtime/harness/record"
	"epochtime/harness/setting"
)

// A session saves its record after each launch, and is interrupted after the first.
// Another one reads the record and continues it.
func ExampleResume() {
	g, dir := exampleGraph()
	defer os.RemoveAll(dir)
	c, err := measure.Configure(measure.Configuration{Graph: g, Config: setting.Defaults()})
	if err != nil {
		log.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(context.Background())
	defer interrupt()
	var file bytes.Buffer // usually a file that is replaced
	session, err := measure.NewRun([]measure.Configuration{c}, measure.Options{
		Launches: 3,
		Save: func(rec *record.Record) error {
			interrupt()
			file.Reset()
			return rec.Write(&file)
		},
		Recheck: true,
		Workers: standIns, // left out: worker processes
	})
	if err != nil {
		log.Fatal(err)
	}
	err = session.Measure(ctx)
	fmt.Printf("interrupted: %t, after %d launch\n", errors.Is(err, context.Canceled), session.Launched())

	rec, err := record.Read(&file)
	if err != nil {
		log.Fatal(err)
	}
	session, err = measure.Resume(rec, measure.Options{
		Save:    func(rec *record.Record) error { file.Reset(); return rec.Write(&file) },
		Workers: standIns,
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := session.Measure(context.Background()); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s, after %d launches\n", session.Record().Status, session.Launched())

	_, err = measure.Resume(session.Record(), measure.Options{Workers: standIns})
	fmt.Println(errors.Is(err, measure.ErrComplete))
	// Output:
	// interrupted: true, after 1 launch
	// complete, after 3 launches
	// true
}
