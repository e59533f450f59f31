//! `buywire serve`: run the gateway until it is told to stop.

use tokio::signal::unix::{SignalKind, signal};

use crate::boot::Gateway;
use crate::config::Settings;
use crate::telemetry;

/// Run it.
///
/// # Errors
/// When it cannot start.
pub async fn run(settings: &Settings) -> anyhow::Result<()> {
    telemetry::start_logging(settings.log_format);
    // Heard from the beginning: told to stop while it starts, it stops in good order all the same.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let gateway = Gateway::start(settings).await?;
    println!("buywire listens on http://{}", gateway.address);
    let files = [
        ("operator", &gateway.operator_key_file),
        ("platform", &gateway.platform_key_file),
    ];
    for (role, file) in files {
        if let Some(file) = file {
            println!("the {role}'s key is in {}", file.display());
        }
    }
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    gateway.stop().await;
    Ok(())
}
