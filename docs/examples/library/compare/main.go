// Command compare measures two batch sizes of an exported graph in one session,
// and prints the verdict. Each launch is a process of epochtime-worker. It is the
// second example of docs/library.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"

	"epochtime/harness/graph"
	"epochtime/harness/measure"
	"epochtime/harness/report"
	"epochtime/harness/setting"
)

func main() {
	log.SetFlags(0)
	graphs := flag.String("graphs", "graphs", "`folder` of exported graphs")
	launches := flag.Int("launches", 10, "`number` of launches per side")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *graphs, *launches); err != nil {
		log.Fatal("compare: ", err)
	}
}

func run(ctx context.Context, graphs string, launches int) error {
	g, err := graph.Find(graphs, "linear")
	if err != nil {
		return err
	}
	a, err := configure(g, 50)
	if err != nil {
		return err
	}
	b, err := configure(g, 100)
	if err != nil {
		return err
	}
	session, err := measure.NewAB(a, b, measure.Options{Launches: launches})
	if err != nil {
		return err
	}
	if err := session.Measure(ctx); err != nil {
		return err
	}
	report.Record(os.Stdout, session.Record(), report.Options{})
	fmt.Println("B is", session.Verdict())
	return nil
}

func configure(g *graph.Manifest, batch int) (measure.Configuration, error) {
	c := measure.Configuration{Graph: g, Config: setting.Defaults()}
	c.Config.Batch = batch
	return measure.Configure(c)
}
