"""Made charts printed in many house styles, with the entries they truly hold."""
