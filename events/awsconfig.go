package events

// configMeaning is that of the messageType of what AWS Config publishes on its
// topic. A delivery names its one object and is read as CloudTrail's form is;
// the others name none.
// https://docs.aws.amazon.com/config/latest/developerguide/notifications-for-AWS-Config.html
func configMeaning(messageType string) meaning {
	switch messageType {
	case "ConfigurationItemChangeNotification", "OversizedConfigurationItemChangeNotification", "ComplianceChangeNotification",
		"ConfigRulesEvaluationStarted", "ConfigurationSnapshotDeliveryStarted", "ConfigurationSnapshotDeliveryFailed",
		"ConfigurationHistoryDeliveryFailed", "OversizedConfigurationItemChangeDeliveryFailed":
		return harmless
	}
	return unknown
}

func decodeConfig(top envelope) (Notification, error) {
	messageType := top.text("messageType")
	if configMeaning(messageType) == unknown {
		return Notification{}, unknownEvent("messageType of AWS Config", messageType)
	}
	return ignored(Config, messageType), nil
}
