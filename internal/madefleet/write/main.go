// Command write writes the records of a made fleet into a folder, one file each.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"epochtime/internal/madefleet"
)

func main() {
	dir := flag.String("dir", "", "`FOLDER` for the records, which must exist")
	machines := flag.Int("machines", 20, "`N` machines")
	models := flag.Int("models", 20, "`N` models of each")
	launches := flag.Int("launches", 10, "`N` launches of each model")
	flag.Parse()
	if *dir == "" {
		fmt.Fprintln(os.Stderr, "write: name a folder for the records: -dir FOLDER")
		os.Exit(2)
	}
	shape := madefleet.Shape{Machines: *machines, Models: *models, Launches: *launches, Epochs: 10, Priced: true, Energy: true, Limits: true}
	for _, r := range madefleet.Records(shape) {
		if err := write(filepath.Join(*dir, r.ID+".json"), r.Write); err != nil {
			fmt.Fprintln(os.Stderr, "write:", err)
			os.Exit(1)
		}
	}
}

func write(path string, encode func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := encode(f); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
