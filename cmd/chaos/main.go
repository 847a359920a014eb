// Command chaos breaks whatever can break while objects are delivered, and
// tells whether anything was lost, or came twice that should not have: `make
// chaos MINUTES=10 SEED=1`. The function, its Lambda, its AWS account and its
// Devo are those of `collector run`.
//
// The seed decides which faults there are, when each is due and how hard it is.
// Which connection, object or invocation one then meets, and how far that has
// come, is the machine's doing, and differs from run to run.
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/alecthomas/kong"
)

type command struct {
	Minutes   int           `default:"1" help:"How long there are faults. From 10 on each is met at least 5 times, and a million records pass."`
	Seed      uint64        `default:"1" help:"The schedule and the objects depend on it."`
	Messages  int           `help:"The books instead: so many messages of small objects, 1 % of them bad, and invocations killed; no other faults."`
	Itself    bool          `name:"lb-answers-itself" help:"A load balancer that answers our end of a connection itself, and dies: what Confirm cannot prove. Loses on purpose."`
	Bootstrap string        `default:"dist/local/bootstrap" type:"existingfile" help:"The function's binary for this machine."`
	Watch     string        `default:"dist/local/watch/bootstrap" type:"existingfile" help:"The binary of watch for this machine."`
	Memory    int           `default:"256" help:"MiB of each process; one that takes more is killed, and the run fails. 0 is no limit."`
	Processes int           `default:"6" help:"Processes of the function at once."`
	Out       string        `default:"dist/chaos.json" type:"path" help:"Where the result goes, besides the screen."`
	Log       string        `type:"path" help:"Write the functions' output to this file."`
	Within    time.Duration `default:"20m" help:"Give up so long after the faults."`
}

func main() {
	c := command{}
	kong.Parse(&c, kong.Name("chaos"), kong.UsageOnError(), kong.Description("Break whatever can break; lose nothing."))
	r, err := c.run()
	if err == nil {
		err = r.write(c.Out)
		r.print(os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(1)
	}
	if len(r.Failures) > 0 {
		os.Exit(1)
	}
}
