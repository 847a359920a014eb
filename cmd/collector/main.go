// Command collector is the operators' command of Devo S3 Collector.
package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"runtime"

	"github.com/alecthomas/kong"

	"github.com/devo-s3/collector/internal/printable"
)

// version and revision, of git, are set by the linker.
var (
	version  = "dev"
	revision string
)

// errSaid ends the command with exit code 1 when all there is to say has been
// said.
var errSaid = errors.New("")

type commands struct {
	Run      runCommand      `cmd:"" help:"The main job, end to end, on an emulated AWS account and Devo receiver on this machine."`
	Try      tryCommand      `cmd:"" help:"Show what Devo would get of files or S3 objects, and why; send it as a test."`
	Import   importCommand   `cmd:"" help:"Turn a configuration of Devo's SQS collector into a deployment's file, on standard output."`
	Init     initCommand     `cmd:"" help:"Ask for what a new deployment needs, and write its file."`
	DLQ      dlqCommand      `cmd:"" name:"dlq" help:"Look at dead letters, and decide about them."`
	Backfill backfillCommand `cmd:"" help:"Queue objects that are in a bucket already: from before the notification was, or from an outage."`
	Audit    auditCommand    `cmd:"" help:"Compare buckets with the ledger: which objects never arrived?"`
	Doctor   doctorCommand   `cmd:"" help:"Go the way of a log, from the bucket to Devo, and say of each step whether it is well, or what to mend."`
	Invoke   invokeCommand   `cmd:"" help:"Give the function one event, on an emulated AWS account and Devo receiver, and show what comes of it."`
	Validate validateCommand `cmd:"" help:"Check deployments' files, and what they have in common; every mistake at once."`
	Schema   schemaCommand   `cmd:"" help:"Print the JSON Schema of a deployment's file, for editors."`
	Version  versionCommand  `cmd:"" help:"Print the version, Go's, and the revision."`
}

func main() {
	c := commands{}
	ctx := kong.Parse(&c, kong.Name("collector"), kong.UsageOnError(), kong.Writers(os.Stdout, printable.Writer{Writer: os.Stderr}),
		kong.Description("Logs that land in S3 arrive in Devo: every record, once."))
	err := ctx.Run()
	if err == nil {
		return
	}
	if !errors.Is(err, errSaid) {
		fmt.Fprintln(os.Stderr, "collector:", printable.Text(err.Error()))
	}
	os.Exit(1)
}

type versionCommand struct{}

// Run prints the version, Go's, and the revision that it was built of.
func (versionCommand) Run() error {
	_, err := fmt.Printf("collector %s\n%s %s/%s\nrevision %s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH, cmp.Or(revision, "unknown"))
	return err
}
