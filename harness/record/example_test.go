package record_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"epochtime/harness/record"
)

// A record is read from a file. Summary is nil if no launch of a run worked.
func ExampleRead() {
	f, err := os.Open(filepath.Join("testdata", "record.json"))
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	rec, err := record.Read(f)
	if err != nil {
		log.Fatal(err)
	}
	for _, run := range rec.Runs {
		if run.Summary == nil {
			fmt.Println(run.Title(), "has no result")
			continue
		}
		fmt.Printf("%s: %.3f s per epoch\n", run.Title(), run.Summary.EpochSeconds.Median)
	}
	// Output: cnn, resident: 0.500 s per epoch
}
