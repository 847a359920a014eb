package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/operate"
	"github.com/devo-s3/collector/operate/checkup"
)

type doctorCommand struct {
	onDeployment
	Confirm bool     `help:"Send one record to Devo, too, tag test.keep.free, and see it confirmed."`
	Forget  []string `placeholder:"HOST:PORT" help:"Have the function forget that an endpoint of the file sent close_notify, so that it need not send one any more. See docs/operations.md#unnotified."`
}

// Help says more than fits into a line.
func (doctorCommand) Help() string {
	return "Looks with your credentials, in the customer's account with the operator role, at how things are set up; and asks the function what it can reach with its own. " +
		"Nothing is delivered, and nothing changed but by --forget. Exits 1 if anything is wrong; what cannot be seen for want of a permission is said, and is not wrong."
}

// Run makes the checks.
func (c *doctorCommand) Run() error {
	checks, err := c.examine()
	if err != nil {
		return err
	}
	err = c.print(map[string]any{"checks": checks}, func(s *operate.Screen) { s.Examined(checks) })
	if err == nil && slices.ContainsFunc(checks, func(one checkup.Check) bool { return one.Status == checkup.Wrong }) {
		err = errSaid
	}
	return err
}

func (c *doctorCommand) examine() ([]checkup.Check, error) {
	file := checkup.Check{Name: checkup.File, Of: c.Config, Status: checkup.OK, Says: "is right"}
	ctx, cancel, o, err := c.open()
	defer cancel()
	var mistakes config.Mistakes
	switch {
	case errors.As(err, &mistakes):
		file.Status, file.Says, file.Mend = checkup.Wrong, mistakes[0].Problem, "collector validate "+c.Config
		return []checkup.Check{file}, nil
	case err != nil:
		return nil, err
	}
	for _, endpoint := range c.Forget {
		if !slices.Contains(o.Devo.Endpoints, endpoint) {
			return nil, fmt.Errorf("--forget %s: it is none of the file's endpoints, %s", endpoint, strings.Join(o.Devo.Endpoints, ", "))
		}
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	doctor := operate.Doctor{Operator: o, Ask: checkup.Ask{Confirm: c.Confirm, Forget: c.Forget}, File: c.Config, Version: version, Log: log}
	return append([]checkup.Check{file}, doctor.Run(ctx)...), nil
}
