// Command collector is the operators' command of Devo S3 Collector.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/alecthomas/kong"

	"github.com/devo-s3/collector/config"
)

// version is set by the linker.
var version = "dev"

// errSaid ends the command with exit code 1 when all there is to say has been
// said.
var errSaid = errors.New("")

type commands struct {
	Run      runCommand      `cmd:"" help:"The main job, end to end, on an emulated AWS account and Devo receiver on this machine."`
	Try      tryCommand      `cmd:"" help:"Show what Devo would get of files or S3 objects, and why; send it as a test."`
	Import   importCommand   `cmd:"" help:"Turn a configuration of Devo's SQS collector into a deployment's file, on standard output."`
	Validate validateCommand `cmd:"" help:"Check a deployment's file; every mistake at once."`
	Version  versionCommand  `cmd:"" help:"Print the version."`
}

func main() {
	c := commands{}
	ctx := kong.Parse(&c, kong.Name("collector"), kong.UsageOnError(),
		kong.Description("Logs that land in S3 arrive in Devo: every record, once."))
	err := ctx.Run()
	if err == nil {
		return
	}
	if !errors.Is(err, errSaid) {
		fmt.Fprintln(os.Stderr, "collector:", err)
	}
	os.Exit(1)
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run() error {
	fmt.Println(version)
	return nil
}

type validateCommand struct {
	Files []string `arg:"" type:"existingfile" help:"Deployment files, customers/*.yaml."`
}

// Run checks the files.
func (c validateCommand) Run() error {
	failed := false
	for _, file := range c.Files {
		if _, err := config.Load(file); err != nil {
			failed = true
			fmt.Fprintln(os.Stderr, err)
			continue
		}
		fmt.Printf("%s: ok\n", file)
	}
	if failed {
		return errSaid
	}
	return nil
}
