package local

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

const lambdaARN = "arn:aws:lambda:us-east-1:123456789012:function:collector"

func lambdaClient(t testing.TB, a *Account, c Credentials) *lambda.Client {
	return lambda.NewFromConfig(config(t, a, c))
}

// states are the mappings of a function, by UUID.
func states(t *testing.T, c *lambda.Client, function string) map[string]string {
	t.Helper()
	all := make(map[string]string)
	pages := lambda.NewListEventSourceMappingsPaginator(c, &lambda.ListEventSourceMappingsInput{FunctionName: &function, MaxItems: aws.Int32(2)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page.EventSourceMappings {
			all[*m.UUID] = *m.State
		}
	}
	return all
}

func TestMappingsAreListedByFunction(t *testing.T) {
	rig := newMappingRig(t)
	c := lambdaClient(t, rig.Account, rig.Root())
	var live []string
	for i := range 6 {
		m := rig.start(rig.options(succeed))
		switch uuid := rig.Attach(lambdaARN+":live", m); i {
		case 5:
			rig.Attach(lambdaARN, m)
		default:
			live = append(live, uuid)
		}
	}
	for function, want := range map[string]int{
		lambdaARN + ":live": 6, "collector:live": 6, "123456789012:function:collector:live": 6, lambdaARN: 1, "collector": 1,
		"other": 0, lambdaARN + ":old": 0, "live": 0,
	} {
		if got := states(t, c, function); len(got) != want {
			t.Errorf("%s has %v, want %d", function, got, want)
		}
	}
	one, err := c.GetEventSourceMapping(t.Context(), &lambda.GetEventSourceMappingInput{UUID: &live[0]})
	if err != nil || *one.EventSourceArn != rig.queue || *one.FunctionArn != lambdaARN+":live" || *one.State != "Enabled" ||
		len(one.FunctionResponseTypes) != 1 {
		t.Errorf("%+v, %v", one, err)
	}
}

func TestAMappingIsDisabledAndEnabledByTheAPI(t *testing.T) {
	rig := newMappingRig(t)
	c := lambdaClient(t, rig.Account, rig.Root())
	m := rig.start(rig.options(succeed))
	uuid := rig.Attach(lambdaARN, m)
	set := func(on bool) error {
		_, err := c.UpdateEventSourceMapping(t.Context(), &lambda.UpdateEventSourceMappingInput{UUID: &uuid, Enabled: &on})
		return err
	}
	for _, on := range []bool{false, true} {
		if err := set(on); err != nil {
			t.Fatal(err)
		}
		if m.Enabled() != on {
			t.Errorf("enabled is %t", m.Enabled())
		}
		name := map[bool]string{false: "Disabl", true: "Enabl"}[on]
		if got := states(t, c, lambdaARN)[uuid]; got != name+"ing" {
			t.Errorf("state %s", got)
		}
		wantFailure(t, set(!on), 400, "ResourceInUseException")
		rig.Clock().Advance(mappingChange)
		if got := states(t, c, lambdaARN)[uuid]; got != name+"ed" {
			t.Errorf("state %s", got)
		}
	}
	if err := set(true); err != nil || states(t, c, lambdaARN)[uuid] != "Enabled" {
		t.Errorf("enabling what is enabled: %v", err)
	}
}

func TestLambdaRefuses(t *testing.T) {
	rig := newMappingRig(t)
	uuid := rig.Attach(lambdaARN, rig.start(rig.options(succeed)))
	role := "arn:aws:iam::123456789012:role/watch"
	rig.CreateRole(Role{ARN: role, Allow: []Statement{
		{Actions: []string{"lambda:UpdateEventSourceMapping"}, Resources: []string{"arn:aws:lambda:us-east-1:123456789012:event-source-mapping:other"}},
	}})
	root, watch := lambdaClient(t, rig.Account, rig.Root()), lambdaClient(t, rig.Account, rig.CreateKey(role))
	update := func(c *lambda.Client, id string) error {
		_, err := c.UpdateEventSourceMapping(t.Context(), &lambda.UpdateEventSourceMappingInput{UUID: &id, Enabled: aws.Bool(false)})
		return err
	}
	wantFailure(t, update(root, "other"), 404, "ResourceNotFoundException")
	wantFailure(t, update(watch, uuid), 403, "AccessDeniedException")
	wantFailure(t, update(watch, "other"), 404, "ResourceNotFoundException")
	_, err := watch.ListEventSourceMappings(t.Context(), nil)
	wantFailure(t, err, 403, "AccessDeniedException")
	_, err = root.DeleteEventSourceMapping(t.Context(), &lambda.DeleteEventSourceMappingInput{UUID: &uuid})
	wantFailure(t, err, 404, "UnknownOperationException")

	rig.SetFault(func(q FaultRequest) *FaultResponse {
		if fmt.Sprint(q.Service, q.Action) == "lambdaUpdateEventSourceMapping" {
			return &FaultResponse{Status: 429, Code: "TooManyRequestsException"}
		}
		return nil
	})
	wantFailure(t, update(root, uuid), 429, "TooManyRequestsException")
}
